"""Base of this application's commands."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from soundscapes.engine.errors import EngineError


class EngineCommand(BaseCommand):
    """Print what the engine or a service refuses as a command's error, without a traceback."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except EngineError as error:
            raise CommandError(str(error)) from error
