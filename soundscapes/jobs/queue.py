"""Queueing, cancelling and recovering jobs.

The rows are the queue. django-q2 only delivers wake-ups, which name no job: the worker that
receives one takes the next job.
"""

import logging
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.tasks import async_task

from soundscapes.engine.errors import EngineError
from soundscapes.files import processes
from soundscapes.jobs import heartbeat
from soundscapes.jobs.claims import INTERRUPTED, WAITING
from soundscapes.jobs.kinds import job_kinds, kind_of
from soundscapes.models.jobs import ACTIVE_STATES, LEASE, RETRIED_STATES, Job, JobQuerySet, queued

logger = logging.getLogger(__name__)

TASK = "soundscapes.jobs.scheduler.work"
SHIFT = 60.0  # seconds that a worker takes jobs after one wake-up
LONGEST = 86_400  # seconds for one job; stuck jobs are stopped earlier (jobs/watch.py)


class WrongStateError(EngineError):
    """The job's state does not allow this action."""


def enqueue(job: Job) -> bool:
    """Queue a new or ended job with all its attempts; return False if it is already queued.

    A job whose state has changed since `job` was read is left alone, so that it is not done twice.
    The row and the wake-up share one transaction.
    """
    idle = kind_of(job).jobs.filter(pk=job.pk, state=job.state).exclude(state__in=ACTIVE_STATES)
    return _queue(idle)


def _queue(idle: JobQuerySet[Any]) -> bool:
    with transaction.atomic():
        count = idle.update(progress=0, attempts=0, error="", **queued(WAITING))
        if count:
            wake_up()
    return bool(count)


def wake_up() -> None:
    """Wake a worker after the commit."""
    async_task(TASK, timeout=LONGEST, save=False)


def cancel(job: Job, message: str = "") -> None:
    """Cancel an unfinished job; its worker notices at its next report. Raises WrongStateError."""
    kind = kind_of(job)
    with transaction.atomic():
        if not kind.jobs.cancel(job.pk, message or kind.cancelled):
            raise WrongStateError("This job has already ended, so it cannot be cancelled.")
        wake_up()  # other jobs may have waited for it
    job.refresh_from_db()


def retry(job: Job, *, admitted: bool = False) -> None:
    """Retry a failed or cancelled job within its owner's limits, unless `admitted`.

    Raises WrongStateError for any other job, or LimitError.
    """
    kind = kind_of(job)
    with transaction.atomic():
        if job.state in RETRIED_STATES and not admitted:
            kind.admit(job)
        if not _queue(kind.jobs.filter(pk=job.pk, state__in=RETRIED_STATES)):
            raise WrongStateError("Only failed or cancelled jobs can be retried.")
    job.refresh_from_db()


def longest_wait() -> float:
    """Return the seconds that the oldest waiting job has waited, or 0."""
    since = [
        kind.jobs.waiting().aggregate(oldest=Min("queued_at"))["oldest"] for kind in job_kinds()
    ]
    oldest = min((each for each in since if each is not None), default=None)
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0


def orphans() -> list[Job]:
    """Return claimed jobs whose worker is dead or whose lease has expired."""
    found: list[Job] = []
    for kind in job_kinds():
        lapsed = set(kind.jobs.lapsed().values_list("pk", flat=True))
        held = kind.jobs.unfinished().exclude(leased_until=None)
        for job in held:
            process = job.claimed_by.rpartition("/")[0]
            if job.pk in lapsed or processes.is_dead(process):
                found.append(job)
    return found


def recover() -> int:
    """Queue orphaned jobs again and replace lost wake-ups; return the number of released jobs."""
    _clamp_future_times()
    released = sum(release(job) for job in orphans())
    if is_unheard():
        wake_up()
    return released


def is_unheard() -> bool:
    """Return whether a job is waiting without a wake-up, because its own was lost."""
    if not any(kind.jobs.claimable().exists() for kind in job_kinds()):
        return False
    return bool(get_broker().queue_size() == 0)


def _clamp_future_times() -> None:
    """Move future times to the present after the clock was set back.

    Live workers renew their leases, but other jobs would wait until those times.
    """
    now = timezone.now()
    for kind in job_kinds():
        kind.jobs.unfinished().filter(leased_until__gt=now + LEASE).update(leased_until=now + LEASE)
        kind.jobs.unfinished().filter(queued_at__gt=now).update(queued_at=now)
    heartbeat.clamp_future_times()


def release(job: Job) -> int:
    """Queue a job again, keeping its attempts; return 0 if it has changed since it was read."""
    as_read = {name: getattr(job, name) for name in ("claimed_by", "leased_until", "queued_at")}
    with transaction.atomic():
        unchanged = kind_of(job).jobs.unfinished().filter(pk=job.pk, **as_read)
        freed = unchanged.update(**queued(INTERRUPTED))
        if freed:
            logger.warning("Job %s restarts; its worker was %s", job.pk, job.claimed_by or "none")
            wake_up()
    return freed
