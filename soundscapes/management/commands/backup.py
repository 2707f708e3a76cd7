"""Back up everything that cannot be regenerated."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.template.defaultfilters import pluralize

from soundscapes.management.command import EngineCommand
from soundscapes.management.progress import ProgressBar
from soundscapes.operations import backups


class Command(EngineCommand):
    help = "Back up the database, files and secret key while the application runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the target; an earlier backup is updated")

    def handle(self, *_args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            with ProgressBar("Copying", "file") as progress:
                copied = backups.back_up(folder, progress)
        except OSError as error:
            raise CommandError(f"Cannot write to {folder}: {error.strerror}.") from error
        self.stdout.write(f"{folder}: the database and {copied} new file{pluralize(copied)}")
        if not backups.has_key(folder):
            self.stdout.write(
                "SECRET_KEY is not in the backup, because it comes from the environment. Store it "
                "elsewhere: `manage.py restore` needs it."
            )
