"""Bounded waiting for a worker during a request.

Waiting requests occupy only some of the threads, so that pages and health checks find a free one.
Further requests are answered at once and have to poll.
"""

from collections.abc import Callable
from threading import BoundedSemaphore
from time import monotonic, sleep

from django.conf import settings

from soundscapes.models.jobs import FINAL_STATES, Job

FIRST_INTERVAL = 0.005  # seconds between checks; the interval grows with the time waited
LONGEST_INTERVAL = 0.25

_slots = BoundedSemaphore(settings.API_WAITERS)


def wait_until(is_met: Callable[[], bool], seconds: float) -> bool:
    """Wait up to `seconds` and return whether the condition is met.

    Check only once if too many requests are waiting already.
    """
    if is_met():
        return True
    if not _slots.acquire(blocking=False):
        return False
    try:
        return _wait(is_met, seconds)
    finally:
        _slots.release()


def is_final(job: Job) -> bool:
    """Return whether a job has ended, without reading its whole row. Raise DoesNotExist."""
    states = type(job)._base_manager.filter(pk=job.pk).values_list("state", flat=True)
    return states.get() in FINAL_STATES


def _wait(is_met: Callable[[], bool], seconds: float) -> bool:
    deadline, interval = monotonic() + seconds, FIRST_INTERVAL
    while (left := deadline - monotonic()) > 0:
        sleep(min(interval, left))
        if is_met():
            return True
        interval = min(LONGEST_INTERVAL, interval * 1.05)
    return False
