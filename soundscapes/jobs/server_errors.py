"""Failures of the server itself, in words for users."""

import errno

from django.db import InterfaceError, OperationalError

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DISK_FULL = "The server's disk is full. Try again once its administrator has made room."
DATABASE_AWAY = "The server's database does not answer at the moment. Try again in a minute."


def is_disk_full(error: BaseException) -> bool:
    """Recognise a full disk from file errors and database messages."""
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    words = ("disk is full", "No space left on device")  # SQLite's, PostgreSQL's
    return isinstance(error, OperationalError) and any(each in str(error) for each in words)


def is_database_away(error: BaseException) -> bool:
    """Recognise a database that is gone or locked too long.

    SQLite also calls a missing table an operational error, which no waiting helps.
    """
    if getattr(error.__cause__, "sqlite_errorname", "") == "SQLITE_ERROR":
        return False
    return isinstance(error, OperationalError | InterfaceError) and not is_disk_full(error)


def words_of(error: BaseException) -> str | None:
    """Return what happened and what to do, or None for other errors."""
    if is_disk_full(error):
        return DISK_FULL
    return DATABASE_AWAY if is_database_away(error) else None
