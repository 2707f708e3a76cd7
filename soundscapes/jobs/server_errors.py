"""What the server itself suffers, in words for whoever meets it."""

from __future__ import annotations

import errno

from django.db import InterfaceError, OperationalError

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DISK_FULL = "The server's disk is full. Try again once its administrator has made room."
DATABASE_AWAY = "The server's database does not answer at the moment. Try again in a minute."


def is_disk_full(error: BaseException) -> bool:
    """Files that do not fit any more, and the databases' words for the same."""
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    words = ("disk is full", "No space left on device")  # SQLite's, PostgreSQL's
    return isinstance(error, OperationalError) and any(each in str(error) for each in words)


def is_database_away(error: BaseException) -> bool:
    """It has gone, or is held by somebody else for too long.

    To SQLite a table that is not there is an operational error, too; no waiting helps with that.
    """
    if getattr(error.__cause__, "sqlite_errorname", "") == "SQLITE_ERROR":
        return False
    return isinstance(error, OperationalError | InterfaceError) and not is_disk_full(error)


def words_of(error: BaseException) -> str | None:
    """What happened and what to do, or None for what is no trouble of the server's."""
    if is_disk_full(error):
        return DISK_FULL
    return DATABASE_AWAY if is_database_away(error) else None
