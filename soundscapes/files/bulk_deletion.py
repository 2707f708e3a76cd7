"""Deletion of many rows without blocking other writers."""

from collections.abc import Iterator
from time import monotonic, sleep
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

BATCH = 50  # rows per transaction, with their related rows
PAUSE = 0.02  # seconds between batches, in which another writer can take SQLite's lock
AT_ONCE = 20.0  # seconds; the next heartbeat continues


def batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Yield primary keys of `rows` in batches until none are left or `AT_ONCE` is over.

    Delete each batch in a transaction before taking the next one.
    """
    deadline = monotonic() + AT_ONCE
    while monotonic() < deadline and (keys := list(rows.values_list("pk", flat=True)[:BATCH])):
        yield keys
        sleep(PAUSE)


def delete(rows: QuerySet[Any]) -> int:
    """Delete rows and then their files in batches; return the number of rows."""
    deleted = 0
    for keys in batches(rows):
        with transaction.atomic():
            _total, counts = rows.filter(pk__in=keys).delete()
        deleted += counts.get(rows.model._meta.label, 0)
    return deleted
