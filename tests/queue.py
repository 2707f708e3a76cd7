"""The queue's real messages, worked off in the test's own process."""

from __future__ import annotations

from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage


def waiting() -> list[tuple[str, str]]:
    """Each message's task and primary key, oldest first."""
    packages = [SignedPackage.loads(row.payload) for row in OrmQ.objects.order_by("pk")]
    return [(package["func"], *package["args"]) for package in packages]


def work_off() -> list[Exception]:
    """Run every task, oldest first, until none is left; what they raised.

    As a worker does, a task that raises is taken from the queue and the next one is run.
    """
    raised = []
    while (row := OrmQ.objects.order_by("pk").first()) is not None:
        package = SignedPackage.loads(row.payload)
        try:
            import_string(package["func"])(*package["args"], **package["kwargs"])
        except Exception as error:  # noqa: BLE001 - the worker catches all, too
            raised.append(error)
        row.delete()
    return raised
