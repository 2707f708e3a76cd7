"""Journal of file writes and deletions, which cannot share a transaction with rows.

An entry is stored before the first file is written, or together with the deletion of a row. It is
deleted when both are done. The next heartbeat settles the entries of killed processes.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.storage import FileSystemStorage, default_storage
from django.db import Error as DatabaseError
from django.db import models, transaction
from django.utils import timezone

from soundscapes.files import columns, processes
from soundscapes.files.storage import UNFINISHED
from soundscapes.models import JournalEntry

logger = logging.getLogger(__name__)

EXPIRY = timedelta(hours=1)  # of entries of other machines' processes; no write takes so long
AT_ONCE = 500  # entries settled per heartbeat
UUID_LENGTH = 36


@contextmanager
def storing(*names: str) -> Iterator[None]:
    """Keep an entry while the block writes files and the row that names them.

    The block deletes its files itself if it fails.
    """
    entry = JournalEntry.objects.create(names=names, process=processes.own_name())
    try:
        yield
    finally:
        with suppress(DatabaseError):  # the entry is settled later
            entry.delete()


def delete_on_commit(*names: str) -> None:
    """Delete files or folders after the deletion of their rows commits."""
    entry = JournalEntry.objects.create(names=names, process=processes.own_name())
    transaction.on_commit(lambda: _delete_named_in(entry), robust=True)


def _delete_named_in(entry: JournalEntry) -> None:
    for name in entry.names:
        delete(name)
    entry.delete()


def delete(name: str) -> None:
    """Delete a file or folder; a missing one is no error."""
    if not name.endswith("/"):
        default_storage.delete(name)
        return
    folder = name.rstrip("/")
    try:
        _folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for file in files:
        default_storage.delete(f"{folder}/{file}")
    default_storage.delete(folder)


def settle() -> int:
    """Settle the entries of killed processes and return their number.

    A file that no row names is deleted.
    """
    long_ago = timezone.now() - EXPIRY
    entries = JournalEntry.objects.all()[:AT_ONCE]
    left = [each for each in entries if each.noted_at < long_ago or processes.is_dead(each.process)]
    return sum(map(_settle, left))


def _settle(entry: JournalEntry) -> bool:
    """Settle an entry; return False if that fails, so that the others do not wait for it."""
    try:
        for name in entry.names:
            if not _is_named(name):
                delete(name)
            _delete_half_written(name)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - every storage backend has its own errors
        logger.warning("Cannot delete %s: %s", entry, error)
        return False
    entry.delete()
    return True


def named(folder: str, names: list[str]) -> set[str]:
    found = {name for rows in naming(folder, names) for name in rows}
    for each in columns.folders()[folder]:
        if not each.column:
            rows = each.model._default_manager.filter(pk__in=_keys(names), **each.having)
            owners = set(rows.values_list("pk", flat=True))
            found |= {name for name in names if _key(name) in owners}
    return found


def naming(folder: str, names: list[str]) -> list[models.QuerySet[Any, str]]:
    found = []
    for each in columns.folders()[folder]:
        if each.column:
            by_key = {f"{each.key}__in": _keys(names)} if each.key else {}
            rows = each.model._default_manager.filter(**by_key, **{f"{each.column}__in": names})
            found.append(rows.values_list(each.column, flat=True))
    return found


def _keys(names: list[str]) -> list[UUID]:
    return [key for key in map(_key, names) if key is not None]


def _key(name: str) -> UUID | None:
    """Return the key at the start of a file's or folder's name; a storage may append to it."""
    try:
        return UUID(name.split("/")[1][:UUID_LENGTH])
    except ValueError:
        return None


def _is_named(name: str) -> bool:
    top, _, rest = name.partition("/")
    if not name.endswith("/"):
        return bool(named(top, [name]))
    owners = [each for each in columns.folders()[top] if each.owns_folder]
    return any(
        each.model._default_manager.filter(pk=rest.rstrip("/"), **each.having).exists()
        for each in owners
    )


def _delete_half_written(name: str) -> None:
    if isinstance(default_storage, FileSystemStorage) and not name.endswith("/"):
        path = Path(default_storage.path(name))
        for part in path.parent.glob(f".{path.name}-*{UNFINISHED}"):
            part.unlink(missing_ok=True)
