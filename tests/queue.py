"""The real queue, processed inside the test's process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.db import connection
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from soundscapes.jobs import queue, scheduler, watch


def waiting() -> list[tuple[str, ...]]:
    """Return each message's task and arguments, oldest first."""
    packages = [SignedPackage.loads(row.payload) for row in OrmQ.objects.order_by("pk")]
    return [(package["func"], *package["args"]) for package in packages]


def wake_ups() -> int:
    return sum(task == queue.TASK for task, *_arguments in waiting())


def work_off() -> list[Exception]:
    """Do every job and run every other task until none is left; return the errors raised.

    Like a worker, take a task that raises from the queue and continue with the next one. Jobs for
    which no worker was woken are not done.
    """
    raised: list[Exception] = []
    with _without_renewals():
        _work_off(raised)
    return raised


@contextmanager
def _without_renewals() -> Iterator[None]:
    """Let no watchdog renew a lease: it would wait for ever for the test's own transaction."""
    interval = watch.PATIENCE if connection.in_atomic_block else watch.INTERVAL
    with patch.object(watch, "INTERVAL", interval):
        yield


def _work_off(raised: list[Exception]) -> None:
    while (row := OrmQ.objects.order_by("pk").first()) is not None:
        package = SignedPackage.loads(row.payload)
        try:
            if package["func"] == queue.TASK:
                _do_jobs(raised)
            else:
                import_string(package["func"])(*package["args"], **package["kwargs"])
        except Exception as error:  # noqa: BLE001 - the worker catches all, too
            raised.append(error)
        row.delete()


def _do_jobs(raised: list[Exception]) -> None:
    """Like `scheduler.work`, but collect the errors."""
    while jobs := scheduler.next_jobs():
        try:
            scheduler.run(jobs[0])
        except Exception as error:  # noqa: BLE001
            raised.append(error)
