"""Encode whole image sets ahead of time."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from soundscapes.management.command import EngineCommand
from soundscapes.management.progress import ProgressBar
from soundscapes.models import Image, ImageSet
from soundscapes.pictures import embedding


class Command(EngineCommand):
    help = "Encode the pictures of image sets; what is encoded already is left as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--set", action="append", metavar="NAME", help="only this set; repeatable"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        pictures = Image.objects.filter(image_set__isnull=False)
        if names := options["set"]:
            self._require_sets(names)
            pictures = pictures.filter(image_set__name__in=names)
        try:
            with ProgressBar("Encoding pictures", "picture") as progress:
                outcome = embedding.embed(pictures, progress)
        except KeyboardInterrupt:
            raise CommandError("Interrupted. What is encoded stays; run it again.") from None
        for picture, reason in outcome.failures:
            self.stderr.write(f"{picture}: {reason}")
        self.stdout.write(
            f"{outcome.encoder}: {outcome.encoded} pictures encoded, {outcome.known} known "
            f"already, {len(outcome.failures)} failed"
        )

    def _require_sets(self, names: list[str]) -> None:
        known = set(ImageSet.objects.values_list("name", flat=True))
        for name in names:
            if name not in known:
                raise CommandError(
                    f"There is no image set “{name}”. There are: {', '.join(sorted(known))}."
                )
