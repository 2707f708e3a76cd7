"""Waiting for a worker inside a request, in a bounded part of the web server's threads.

Whoever finds every place taken is answered at once and asks again; pages and health checks always
find a free thread.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import BoundedSemaphore
from time import monotonic, sleep

from django.conf import settings

FIRST_INTERVAL = 0.02  # seconds between looks; they grow, since who has waited can wait
LONGEST_INTERVAL = 0.25

_places = BoundedSemaphore(settings.API_WAITERS)


def wait_until(is_met: Callable[[], bool], seconds: float) -> bool:
    """Wait until a condition is met, for `seconds` at most; whether it is.

    Without a free place it is looked at once.
    """
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
