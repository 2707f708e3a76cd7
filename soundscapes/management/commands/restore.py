"""Restore a backup of `manage.py backup`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.template.defaultfilters import pluralize

from soundscapes.management.command import EngineCommand
from soundscapes.management.progress import ProgressBar
from soundscapes.operations import backups


class Command(EngineCommand):
    help = "Restore the database and files of a backup (stop the application first)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a backup of `manage.py backup`")
        parser.add_argument(
            "--with-another-key",
            action="store_true",
            help="restore without the backup's SECRET_KEY; all users then have to sign in again",
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
        self.stdout.write(f"Restored the database and {copied} file{pluralize(copied)}")
