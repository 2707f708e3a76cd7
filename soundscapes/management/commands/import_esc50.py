"""Import the recordings of ESC-50."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from soundscapes.engine.errors import EngineError
from soundscapes.engine.esc50 import RELEASE_URL
from soundscapes.management.command import EngineCommand
from soundscapes.management.progress import ProgressBar
from soundscapes.sounds import esc50


class Command(EngineCommand):
    help = "Import the recordings of ESC-50 from a folder, a ZIP or a URL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "source", nargs="?", default=RELEASE_URL, help=f"folder, ZIP or URL ({RELEASE_URL})"
        )
        parser.add_argument(
            "--esc10-only",
            action="store_true",
            help="import only ESC-10, which is licensed CC BY; the rest is licensed CC BY-NC",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        source: str = options["source"]
        path = self._fetch(source) if "://" in source else Path(source)
        with ProgressBar("Importing recordings", "clip") as progress:
            report = esc50.import_release(path, esc10_only=options["esc10_only"], progress=progress)
        self._print(report)

    def _fetch(self, url: str) -> Path:
        try:
            with ProgressBar("ESC-50", "B", is_scaled=True) as progress:
                path = esc50.fetch_release(url, progress)
        except EngineError as error:
            raise CommandError(f"Cannot download {url}: {error}.") from error
        self.stdout.write(f"The release is stored at {path}. You can delete it after the import.")
        return path

    def _print(self, report: esc50.Report) -> None:
        self.stdout.write(f"Recordings: {report.added} new, {report.known} already known")
        if report.left_out:
            self.stdout.write(f"Skipped, because they are not in ESC-10: {report.left_out}")
        if report.problems:
            self.stdout.write(f"Skipped: {len(report.problems)}")
            for problem in report.problems:
                self.stdout.write(f"  {problem}")
