"""Base class of management commands."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from soundscapes.engine.errors import EngineError


class EngineCommand(BaseCommand):
    """A command that prints an error of the engine or the database without a traceback."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except EngineError as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(
                f"The database is not ready ({str(error).strip()}). Check DATABASE_URL, and run "
                "`make setup` before the first start."
            ) from error
