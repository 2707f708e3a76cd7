"""Import many images into an image set."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from soundscapes.files.upload_bundles import folder_sources, open_bundle
from soundscapes.images import image_sets
from soundscapes.imports.image_imports import MAX_BYTES, open_import
from soundscapes.management.command import EngineCommand
from soundscapes.management.progress import ProgressBar
from soundscapes.models.batch_jobs import Outcome, Row
from soundscapes.sounds.credits_csv import NAMES, Credit


class Command(EngineCommand):
    help = "Import the images of a folder or ZIP into an image set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "path",
            type=Path,
            help="folder or ZIP; it may have a credits.csv (file, title, author, source, licence)",
        )
        parser.add_argument(
            "--set", required=True, metavar="NAME", help="the image set; created if missing"
        )
        for name in NAMES:
            parser.add_argument(f"--{name}", default="", help=f"{name} of every image")
        parser.add_argument(
            "--dry-run", action="store_true", help="check every image but store nothing"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        credit = Credit(**{name: options[name] for name in NAMES})
        rows = self._take(options, credit)
        for row in rows:
            if row.outcome == Outcome.REFUSED:
                self.stderr.write(f"{row.name}: {row.note}")
        counts = Counter(row.outcome for row in rows)
        self.stdout.write(
            f"{options['set']}: {counts[Outcome.NEW]} new, {counts[Outcome.KNOWN]} already known, "
            f"{counts[Outcome.REFUSED]} rejected" + (" (dry run)" if options["dry_run"] else "")
        )

    def _take(self, options: dict[str, Any], credit: Credit) -> list[Row]:
        is_trial = options["dry_run"]
        rows: list[Row] = []
        with open_bundle(folder_sources(options["path"]), MAX_BYTES) as items:
            image_set = image_sets.set_named(options["set"], is_saved=not is_trial)
            with (
                open_import(items, image_set, credit, is_trial=is_trial) as image_import,
                ProgressBar("Reading images", "image") as progress,
            ):
                for number in range(len(image_import)):
                    progress(number, len(image_import))
                    rows.append(image_import.take(number))
        return rows
