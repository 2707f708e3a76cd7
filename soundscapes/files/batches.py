"""Many rows in batches, without blocking other writers."""

from collections.abc import Iterator
from time import monotonic, sleep
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

RowT = TypeVar("RowT", bound=Model)

BATCH = 50  # rows per transaction, with their related rows
PAUSE = 0.02  # seconds between batches, in which another writer can take SQLite's lock
AT_ONCE = 20.0  # seconds; the next heartbeat continues


def keys(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Yield primary keys of `rows` in batches until none are left or `AT_ONCE` is over.

    Delete each batch in a transaction before taking the next one.
    """
    deadline = monotonic() + AT_ONCE
    while monotonic() < deadline and (some := list(rows.values_list("pk", flat=True)[:BATCH])):
        yield some
        sleep(PAUSE)


def delete(rows: QuerySet[Any]) -> int:
    """Delete rows and then their files in batches; return the number of rows."""
    deleted = 0
    for some in keys(rows):
        with transaction.atomic():
            _total, counts = rows.filter(pk__in=some).delete()
        deleted += counts.get(rows.model._meta.label, 0)
    return deleted


def read(rows: QuerySet[RowT], size: int) -> Iterator[RowT]:
    """Yield rows, `size` of which are in memory, so that their user can write between them.

    Each batch is read whole, because SQLite refuses to write beside an open query that is older
    than another connection's write.
    """
    found = list(rows.values_list("pk", flat=True))
    for start in range(0, len(found), size):
        yield from rows.filter(pk__in=found[start : start + size])
