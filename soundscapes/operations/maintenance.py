"""Maintenance that runs every minute: heartbeat, recovery and expiry."""

from typing import Any

from django.contrib.sessions.models import Session
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

BATCH = 1000  # rows per transaction, which blocks other writers
KEPT_TASKS = 1000  # each of django-q2's successes and failures


def run() -> None:
    """Do all maintenance. Called by django-q2's schedule, in a worker."""
    Heartbeat.objects.beat()
    queue.recover()
    journal.settle()
    for kind in job_kinds():
        if kind.purge:
            kind.purge()
    idempotency.forget_expired()
    search.forget_old_queries()
    share_links.forget_ended()
    audio_cache.trim()
    deliveries.retry_due()
    guests.remove_ended()
    deletion.resume()
    heartbeat.forget_silent_hosts()
    _delete_in_batches(QuotaCount.objects.ended())
    _delete_in_batches(Session.objects.filter(expire_date__lt=timezone.now()))
    for tasks in (Success.objects, Failure.objects):
        _delete_in_batches(tasks.order_by("-stopped")[KEPT_TASKS:])


def _delete_in_batches(rows: QuerySet[Any]) -> None:
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=keys).delete()
