"""Check the results of the current encoder."""

from typing import Any

from django.core.management.base import CommandError

from soundscapes.engine.matching.encoder_check import check_encoder
from soundscapes.images import matching
from soundscapes.management.command import EngineCommand


class Command(EngineCommand):
    help = "Check the results of the current encoder on test images."

    def handle(self, *_args: Any, **_options: Any) -> None:
        encoder = matching.encoder()
        self.stdout.write(f"{encoder.name} ({encoder.slug})")
        findings = list(check_encoder(encoder))
        for finding in findings:
            self.stdout.write(f"{'right' if finding.is_right else 'WRONG'}  {finding.words}")
        if not all(finding.is_right for finding in findings):
            raise CommandError(
                "The encoder gives wrong results. Delete its files in the cache and run "
                "`manage.py setup`, or configure other weights."
            )
