"""Threads that each have their own database connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.db import OperationalError, connection

TestT = TypeVar("TestT", bound=Callable[..., None])


def parallel(test: TestT) -> TestT:
    """Mark a test with concurrently committing threads, for databases that allow it."""
    is_serial = connection.vendor == "sqlite"
    skip = pytest.mark.skipif(is_serial, reason="SQLite runs transactions one after the other")
    return pytest.mark.django_db(transaction=True)(skip(test))


def is_reading() -> bool:
    """Return whether a query is open on this connection; always False on PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE unread (number integer)")
        try:
            cursor.execute("DROP TABLE unread")  # SQLite refuses it beside an open query
        except OperationalError:
            return True
    return False


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run all calls at the same moment; return their results or the exceptions they raised."""
    start = Barrier(len(calls))

    def make(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(30)
            return call()
        except Exception as error:  # noqa: BLE001 - the test inspects it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(make, calls))


def has_waiting() -> bool:
    """Return whether another connection to this PostgreSQL database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees the same again
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone() is not None


def raised(results: Sequence[Any], kind: type[Exception]) -> int:
    """Count the calls that raised this kind of exception; raise any other one."""
    found = [result for result in results if isinstance(result, Exception)]
    for error in found:
        if not isinstance(error, kind):
            raise error
    return len(found)
