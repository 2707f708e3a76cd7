"""Start of worker processes, and cleanup after each task."""

import gc
import logging
import os
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django_q.brokers import get_broker

from soundscapes.engine.memory import return_free_memory, return_large_buffers
from soundscapes.files import local_copies, scratch
from soundscapes.images import matching
from soundscapes.imports import preparation_requests
from soundscapes.jobs import queue
from soundscapes.models import Heartbeat

logger = logging.getLogger(__name__)

LARGE = 32 * 2**20  # bytes; what is smaller is returned after each task


def worker_spawned(**_kwargs: Any) -> None:
    """Recover jobs of dead workers, then load the encoder so that the first job starts fast.

    An encoder that is not prepared is left to a batch job, which shows its progress.

    Runs in the forked worker, because torch must never be used before a fork. The heartbeats keep
    `manage.py start` from restarting a cluster that is still loading.
    """
    return_large_buffers(LARGE, kept=2 * LARGE)
    os.environ.setdefault("OMP_NUM_THREADS", str(_threads()))
    try:
        scratch.remove_leftovers()
        local_copies.forget_unplayed_clips()
        queue.recover()
        if not preparation_requests.request_encoder():
            matching.warm_up(lambda _done, _total: Heartbeat.objects.beat())
        Heartbeat.objects.beat()
        Heartbeat.objects.report(matching.encoder().trouble)
    except Exception:  # a worker that starts cold is better than none
        logger.exception("The worker could not warm up")
    gc.freeze()  # objects that live for ever need no collection after every task


def task_executed(task: dict[str, Any], **_kwargs: Any) -> None:
    """Remove a finished message from the queue at once, and return free memory to the system.

    django-q2 leaves the former to another process. If that process is killed while it reads
    results, its successors wait for its lock, and every message is delivered again and again.
    """
    try:
        get_broker().acknowledge(task["ack_id"])
    except DatabaseError as error:  # the message is delivered once more, which does no harm
        logger.warning("A message stays in the queue: %s", error)
    return_free_memory()


def _threads() -> int:
    """Return this worker's share of the cores, for libraries that are not loaded yet."""
    return max(1, (os.cpu_count() or 1) // settings.CLUSTER_WORKERS)
