"""Copy everything that cannot be made again into a folder."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from soundscapes.management.command import EngineCommand
from soundscapes.management.progress import ProgressBar
from soundscapes.operations import backups


class Command(EngineCommand):
    help = (
        "Copy rows, files and, unless it comes from the environment, the secret key into a folder, "
        "while the application runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="an earlier backup is brought up to date")

    def handle(self, *_args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            with ProgressBar("Copying", "file") as progress:
                copied = backups.back_up(folder, progress)
        except OSError as error:
            raise CommandError(f"Cannot write to {folder}: {error.strerror}.") from error
        self.stdout.write(f"{folder}: the rows, and {copied} files that were not there yet")
        if not backups.has_key(folder):
            self.stdout.write(
                "SECRET_KEY is not in it, because it comes from the environment. Keep it "
                "elsewhere: `manage.py restore` needs it."
            )
