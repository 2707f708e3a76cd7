"""Put back what `manage.py backup` has copied."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from soundscapes.management.command import EngineCommand
from soundscapes.management.progress import ProgressBar
from soundscapes.operations import backups


class Command(EngineCommand):
    help = "Replace the rows by those of a backup, and put missing files back. Stop the rest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="what `manage.py backup` has made")
        parser.add_argument(
            "--with-another-key",
            action="store_true",
            help="the backup's SECRET_KEY is lost: everybody has to sign in again",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            with ProgressBar("Copying", "file") as progress:
                copied = backups.restore(
                    folder, progress, with_another_key=options["with_another_key"]
                )
        except OSError as error:
            raise CommandError(f"Cannot restore {folder}: {error.strerror}.") from error
        self.stdout.write(f"The rows are as they were; {copied} files were put back")
