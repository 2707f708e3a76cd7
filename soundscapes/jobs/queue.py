"""Queueing, ending and recovering jobs.

The rows are the queue. django-q2 only carries wake-ups without content: any worker takes the next
job.
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
from soundscapes.models.jobs import (
    ACTIVE_STATES,
    LEASE,
    RETRIED_STATES,
    Job,
    JobQuerySet,
    queued,
)

logger = logging.getLogger(__name__)

TASK = "soundscapes.jobs.scheduler.work"
SHIFT = 60.0  # seconds for which one wake-up keeps a worker at work
LONGEST = 86_400  # seconds, for one job; what is stuck ends sooner (jobs/watch.py)


class WrongStateError(EngineError):
    """The job is over, or not over yet."""


def enqueue(job: Job) -> bool:
    """Queue a new or ended job with all attempts left; False where it is queued already.

    A job that has ended since `job` was read is left as it is: it would be done a second time. Row
    and wake-up share one transaction.
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
    """Wake a worker after commit."""
    async_task(TASK, timeout=LONGEST, save=False)


def cancel(job: Job, words: str = "") -> None:
    """Cancel an unfinished job; its worker notices at its next report. Raises WrongStateError."""
    kind = kind_of(job)
    with transaction.atomic():
        if not kind.jobs.cancel(job.pk, words or kind.cancelled):
            raise WrongStateError("This job is over; there is nothing to cancel.")
        wake_up()  # others may have waited for it
    job.refresh_from_db()


def retry(job: Job, *, admitted: bool = False) -> None:
    """Retry a failed or cancelled job within its owner's limits, unless `admitted`.

    Raises WrongStateError for any other job, LimitError where the limits forbid it.
    """
    kind = kind_of(job)
    with transaction.atomic():
        if job.state in RETRIED_STATES and not admitted:
            kind.admit(job)
        if not _queue(kind.jobs.filter(pk=job.pk, state__in=RETRIED_STATES)):
            raise WrongStateError("Only a job that failed or was cancelled can be retried.")
    job.refresh_from_db()


def longest_wait() -> float:
    """Return seconds that the oldest job has waited for a worker; 0 without one."""
    since = [
        kind.jobs.waiting().aggregate(oldest=Min("queued_at"))["oldest"] for kind in job_kinds()
    ]
    oldest = min((each for each in since if each is not None), default=None)
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0


def orphans() -> list[Job]:
    """Return jobs that a dead worker held, or a worker whose lease has ended."""
    found: list[Job] = []
    for kind in job_kinds():
        lapsed = set(kind.jobs.lapsed().values_list("pk", flat=True))
        held = kind.jobs.unfinished().exclude(leased_until=None)
        found += [job for job in held if job.pk in lapsed or _is_dead(job.claimed_by)]
    return found


def _is_dead(claimed_by: str) -> bool:
    return processes.is_dead(claimed_by.rpartition("/")[0])


def recover() -> int:
    """Queue abandoned jobs again and replace lost wake-ups; return how many were released."""
    _believe_no_future()
    released = sum(release(job) for job in orphans())
    if is_unheard():
        wake_up()
    return released


def is_unheard() -> bool:
    """Return whether a job waits and no wake-up does: the one it came with was lost."""
    if not any(kind.jobs.claimable().exists() for kind in job_kinds()):
        return False
    return bool(get_broker().queue_size() == 0)


def _believe_no_future() -> None:
    """Move future times to the present after the clock was set back.

    Live workers renew their lease; the rest would wait until that time.
    """
    now = timezone.now()
    for kind in job_kinds():
        kind.jobs.unfinished().filter(leased_until__gt=now + LEASE).update(leased_until=now + LEASE)
        kind.jobs.unfinished().filter(queued_at__gt=now).update(queued_at=now)
    heartbeat.believe_no_future()


def release(job: Job) -> int:
    """Queue a job again with its attempts counted; 0 if it has changed since."""
    as_read = {name: getattr(job, name) for name in ("claimed_by", "leased_until", "queued_at")}
    with transaction.atomic():
        unchanged = kind_of(job).jobs.unfinished().filter(pk=job.pk, **as_read)
        freed = unchanged.update(**queued(INTERRUPTED))
        if freed:
            logger.warning("%s starts again; %s had it", job.pk, job.claimed_by or "nobody")
            wake_up()
    return freed
