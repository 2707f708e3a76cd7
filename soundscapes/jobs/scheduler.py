"""Whose turn it is, and doing it.

The job of whoever was served longest ago comes next, so that a hundred jobs of one person keep
nobody else's first one waiting.
"""

from __future__ import annotations

import logging
from time import monotonic
from typing import Any

from django.db.models import F
from django.utils import timezone
from django_q.exceptions import TimeoutException
from django_q.timeout import TimeoutHandler

from soundscapes.jobs import claims, queue
from soundscapes.jobs.kinds import JobKind, job_kinds, kind_of
from soundscapes.models import User
from soundscapes.models.jobs import Job

logger = logging.getLogger(__name__)


def work() -> None:
    """Do waiting jobs, one after the other, for a minute at most. Runs in the worker.

    This is what a wake-up calls. A failure is in its job's row and in the log, and the next job is
    done all the same.
    """
    deadline = monotonic() + queue.SHIFT
    while waiting := next_jobs():
        if monotonic() > deadline:
            queue.wake_up()
            return
        if len(waiting) > 1 and queue.is_unheard():
            queue.wake_up()  # another worker may be idle
        job = waiting[0]
        try:
            with TimeoutHandler(kind_of(job).time_limit):
                run(job)
        except (Exception, TimeoutException):
            logger.exception("Job %s failed", job.pk)


def next_jobs() -> list[Job]:
    """The job whose turn it is and, where more wait, one that comes later.

    That is of the owner who was served longest ago; of one owner's the kind that was registered
    first, then the oldest.
    """
    found = [row for kind in job_kinds() for row in _first(kind)]
    found.sort(key=lambda row: row[0])
    return [job for _served_at, job in found[:2]]


def _first(kind: JobKind) -> list[tuple[float, Job]]:
    served_at = f"{kind.owner}__served_at"
    order = (F(served_at).asc(nulls_first=True), "queued_at", "pk")
    rows = kind.jobs.claimable().annotate(owner_served_at=F(served_at)).order_by(*order)[:2]
    return [(_seconds(job.owner_served_at), job) for job in rows]


def _seconds(moment: Any) -> float:
    return float(moment.timestamp()) if moment else 0.0


def run(job: Job) -> bool:
    """Do a job; False where another worker was faster, or its attempts are used up.

    Raises what it failed with, after that was written to its row.
    """
    kind = kind_of(job)
    claim = claims.claim(kind, job)
    if claim is None:
        return False
    owner = kind.model._default_manager.filter(pk=job.pk).values(kind.owner)
    User.objects.filter(pk__in=owner).update(served_at=timezone.now())
    with claims.recording_failure(claim):
        kind.run(claim)
    return True
