"""Encode whole image sets ahead of time."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from soundscapes.images import embedding
from soundscapes.management.command import EngineCommand
from soundscapes.management.progress import ProgressBar
from soundscapes.models import Image, ImageSet


class Command(EngineCommand):
    help = "Encode all images of image sets that are not encoded yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--set", action="append", metavar="NAME", help="encode only this set; can be repeated"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        images = Image.objects.of_sets()
        if names := options["set"]:
            self._require_sets(names)
            images = images.filter(image_set__name__in=names)
        try:
            with ProgressBar("Encoding images", "image") as progress:
                outcome = embedding.embed(images, progress)
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted. The encoded images are kept. Run the command again to continue."
            ) from None
        for image, reason in outcome.failures:
            self.stderr.write(f"{image}: {reason}")
        self.stdout.write(
            f"{outcome.encoder}: {outcome.encoded} encoded, {outcome.known} already known, "
            f"{len(outcome.failures)} failed"
        )

    def _require_sets(self, names: list[str]) -> None:
        known = set(ImageSet.objects.values_list("name", flat=True))
        for name in names:
            if name not in known:
                raise CommandError(
                    f"There is no image set “{name}”. Choose one of: {', '.join(sorted(known))}."
                )
