"""Messages for users about failures of the server itself."""

import errno

from django.db import InterfaceError, OperationalError

DISK_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DISK_FULL = "The server's disk is full. Try again when the administrator has freed some space."
DATABASE_AWAY = "The server's database is not responding. Try again in a minute."


def is_disk_full(error: BaseException) -> bool:
    """Detect a full disk from file errors and database messages."""
    if isinstance(error, OSError):
        return error.errno in DISK_FULL_ERRNOS
    messages = ("disk is full", "No space left on device")  # SQLite's, PostgreSQL's
    return isinstance(error, OperationalError) and any(each in str(error) for each in messages)


def is_database_away(error: BaseException) -> bool:
    """Detect a database that is unreachable or locked for too long.

    SQLite also reports a missing table as an operational error, but waiting does not help there.
    """
    if getattr(error.__cause__, "sqlite_errorname", "") == "SQLITE_ERROR":
        return False
    return isinstance(error, OperationalError | InterfaceError) and not is_disk_full(error)


def is_locked(error: BaseException) -> bool:
    """Return whether SQLite's lock was held longer than `timeout` in DATABASES."""
    return getattr(error.__cause__, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def words_of(error: BaseException) -> str | None:
    """Return a message for a full disk or an unavailable database, or None for other errors."""
    if is_disk_full(error):
        return DISK_FULL
    return DATABASE_AWAY if is_database_away(error) else None
