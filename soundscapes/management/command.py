"""Base class of management commands."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError

from soundscapes.engine.errors import EngineError
from soundscapes.jobs.server_errors import is_disk_full, is_locked

INTERRUPTED = 130  # the exit status of a program that Ctrl-C ended
_MISSING = ("42P01", "42703")  # PostgreSQL's states of a missing table and a missing column
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class EngineCommand(BaseCommand):
    """A command that prints errors that its user can mend, and Ctrl-C, without a traceback."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except EngineError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            if advice := _advice(error):
                reason = str(error).strip().partition("\n")[0]
                raise CommandError(f"The database is not ready ({reason}). {advice}") from error
            raise
        except BrokenPipeError as error:
            raise CommandError("The program that reads this output has ended.") from error
        except OSError as error:
            raise CommandError(f"{error}. Check the permissions and the free space.") from error
        except KeyboardInterrupt as error:
            raise CommandError(
                "Interrupted. Run the command again.", returncode=INTERRUPTED
            ) from error


def _advice(error: DatabaseError) -> str:
    """Return what to do about an error of the database; empty for a fault of the program."""
    if is_disk_full(error):
        return "Free some disk space, and run the command again."
    if is_locked(error):
        return "Another process is writing to it. Run the command again later."
    name = getattr(error.__cause__, "sqlite_errorname", "")
    if name.startswith("SQLITE_READONLY"):
        return "Make its file and folder writable for this user."
    if name in _DAMAGED:
        return "The file is damaged: restore a backup with `manage.py restore`."
    is_missing = getattr(error.__cause__, "sqlstate", "") in _MISSING
    if is_missing or isinstance(error, OperationalError):
        return "Check DATABASE_URL, and run `make setup` before the first start."
    return ""
