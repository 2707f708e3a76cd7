"""Bounded waiting for a worker inside a request.

Waiting requests take only part of the threads, so that pages and health checks find a free one; the
rest are answered at once and ask again.
"""

from collections.abc import Callable
from threading import BoundedSemaphore
from time import monotonic, sleep

from django.conf import settings

FIRST_INTERVAL = 0.02  # seconds between looks; they grow, since who has waited can wait
LONGEST_INTERVAL = 0.25

_places = BoundedSemaphore(settings.API_WAITERS)


def wait_until(is_met: Callable[[], bool], seconds: float) -> bool:
    """Wait up to `seconds`; return whether it is met. Without a free place look once."""
    if is_met():
        return True
    if not _places.acquire(blocking=False):
        return False
    try:
        return _wait(is_met, seconds)
    finally:
        _places.release()


def _wait(is_met: Callable[[], bool], seconds: float) -> bool:
    deadline, interval = monotonic() + seconds, FIRST_INTERVAL
    while (left := deadline - monotonic()) > 0:
        sleep(min(interval, left))
        if is_met():
            return True
        interval = min(LONGEST_INTERVAL, interval * 1.2)
    return False
