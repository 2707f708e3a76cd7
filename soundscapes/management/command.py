"""Base class of management commands."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from soundscapes.engine.errors import EngineError


class EngineCommand(BaseCommand):
    """A command that prints an EngineError as an error message without a traceback."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except EngineError as error:
            raise CommandError(str(error)) from error
