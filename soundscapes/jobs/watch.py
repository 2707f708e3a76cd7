"""Watchdog of a running job: renews its lease, and stops it when it makes no progress.

It is a thread, because storing files on a slow network can keep a job from reporting for minutes.
"""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread, current_thread, main_thread
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection
from django_q.exceptions import TimeoutException

from soundscapes.files import progress
from soundscapes.jobs.claims import Claim

logger = logging.getLogger(__name__)

INTERVAL = 10.0  # seconds; a lease outlasts several failed renewals
PATIENCE = 180.0  # seconds without a sign of progress


@contextmanager
def watching(claim: Claim, patience: float = PATIENCE) -> Iterator[None]:
    """Renew the lease until the block ends; raise TimeoutException in it if it is stuck."""
    progress.note()
    ended = Event()
    thread = Thread(target=_watch, args=(claim, patience, ended), daemon=True)
    with _raising_on_alarm():
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@contextmanager
def _raising_on_alarm() -> Iterator[None]:
    if current_thread() is not main_thread():  # only the main thread receives signals
        yield
        return
    before = signal.signal(signal.SIGALRM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def _raise(*_signal: Any) -> None:
    raise TimeoutException("The job made no progress")


def _watch(claim: Claim, patience: float, ended: Event) -> None:
    while not ended.wait(min(INTERVAL, patience)):
        if progress.silence() > patience:
            os.kill(os.getpid(), signal.SIGALRM)
            return
        try:
            if not claim.renew():
                return
        except DatabaseError as error:
            logger.warning("Cannot renew the lease of %s: %s", claim.pk, error)
        finally:
            connection.close()
