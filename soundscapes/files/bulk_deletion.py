"""Deletion of many rows, which other writers do not have to wait for."""

from collections.abc import Iterator
from time import monotonic, sleep
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

BATCH = 50  # rows in one transaction, with all that belongs to them
PAUSE = 0.02  # seconds between two; SQLite gives the lock to whoever asks while it is free
AT_ONCE = 20.0  # seconds; the next heartbeat goes on


def batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Yield primary keys of `rows` until none is left or `AT_ONCE` is over.

    Delete each batch in a transaction before taking the next one.
    """
    deadline = monotonic() + AT_ONCE
    while monotonic() < deadline and (keys := list(rows.values_list("pk", flat=True)[:BATCH])):
        yield keys
        sleep(PAUSE)


def delete(rows: QuerySet[Any]) -> int:
    """Delete rows, and then their files, in batches; return how many rows."""
    deleted = 0
    for keys in batches(rows):
        with transaction.atomic():
            _total, counts = rows.filter(pk__in=keys).delete()
        deleted += counts.get(rows.model._meta.label, 0)
    return deleted
