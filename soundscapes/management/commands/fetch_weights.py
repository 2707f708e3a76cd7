"""Fetch CLIP's weights by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from soundscapes.services import weights


class Command(BaseCommand):
    help = "Fetch the weights of the configured CLIP model, and say where they came from."

    def handle(self, *_args: Any, **_options: Any) -> None:
        report = weights.fetch()
        if report.path is None:
            raise CommandError(str(report))
        self.stdout.write(str(report))
