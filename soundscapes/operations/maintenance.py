"""Maintenance that runs every minute: heartbeat, recovery and expiry."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone
from django_q.models import Failure, Success

from soundscapes.accounts import deletion, guests
from soundscapes.files import journal
from soundscapes.generations import audio_cache, search, share_links
from soundscapes.jobs import heartbeat, queue
from soundscapes.jobs.kinds import job_kinds
from soundscapes.limits import idempotency
from soundscapes.models import Heartbeat, QuotaCount
from soundscapes.webhooks import deliveries

logger = logging.getLogger(__name__)

BATCH = 1000  # rows per transaction, which blocks other writers
KEPT_TASKS = 1000  # each of django-q2's successes and failures


def run() -> None:
    """Do all maintenance. Called by django-q2's schedule, in a worker."""
    Heartbeat.objects.beat()
    queue.recover()
    for step in (
        journal.settle,
        *(kind.purge for kind in job_kinds() if kind.purge),
        idempotency.forget_expired,
        search.forget_old_queries,
        share_links.forget_ended,
        audio_cache.trim,
        deliveries.retry_due,
        guests.remove_ended,
        deletion.resume,
        heartbeat.forget_silent_hosts,
        _delete_old_rows,
    ):
        _try(step)


def _try(step: Callable[[], object]) -> None:
    """Do a step; if it fails, the others must not wait until somebody has mended the cause."""
    try:
        step()
    except DatabaseError:  # the others would fail, too
        raise
    except Exception:
        logger.exception("A step of the maintenance failed: %s.%s", step.__module__, step.__name__)


def _delete_old_rows() -> None:
    _delete_in_batches(QuotaCount.objects.ended())
    _delete_in_batches(Session.objects.filter(expire_date__lt=timezone.now()))
    for tasks in (Success.objects, Failure.objects):
        _delete_in_batches(tasks.order_by("-stopped")[KEPT_TASKS:])


def _delete_in_batches(rows: QuerySet[Any]) -> None:
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=keys).delete()
