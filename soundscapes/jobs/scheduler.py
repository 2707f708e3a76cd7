"""Fair scheduling: the owner served longest ago comes next."""

import logging
from time import monotonic
from typing import Any

from django.db.models import Case, F, Q, When
from django.db.models.expressions import Combinable
from django.utils import timezone
from django_q.exceptions import TimeoutException

from soundscapes.engine.errors import EngineError
from soundscapes.jobs import claims, queue
from soundscapes.jobs.kinds import JobKind, kind_of, kinds_in_progress
from soundscapes.jobs.watch import PATIENCE, watching
from soundscapes.models import User
from soundscapes.models.jobs import Job

logger = logging.getLogger(__name__)

HOST_TURN, GUESTS_TURN = 1.0, 5.0  # seconds


def work() -> None:
    """Do waiting jobs for up to a minute after a wake-up. Runs in the worker.

    A failure is recorded in its job and logged, and the next job follows.
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
            run(job)
        except TimeoutException:
            queue.wake_up()
            raise  # django-q2 ends this process, in which something may hang
        except EngineError as error:  # for the job's owner, and no fault of the code
            logger.warning("Job %s failed: %s", job.pk, " ".join(str(error).split()))
        except Exception:
            logger.exception("Job %s failed", job.pk)


def next_jobs(*, quick: bool = False) -> list[Job]:
    """Return the next job and, if more are waiting, the one after it; or only quick jobs.

    The owner served longest ago comes first, then the kind registered first, then the oldest job.
    """
    kinds = [kind for kind in kinds_in_progress() if kind.quick is not None or not quick]
    found = [
        row for kind in kinds for row in _first(kind, kind.quick if quick and kind.quick else Q())
    ]
    found.sort(key=lambda row: row[0])
    return [job for _served_at, job in found[:2]]


def _first(kind: JobKind, which: Q) -> list[tuple[float, Job]]:
    order = (F("owner_served_at").asc(nulls_first=True), "queued_at", "pk")
    rows = (
        kind.jobs.claimable()
        .filter(which)
        .annotate(owner_served_at=_served_at(kind))
        .order_by(*order)[:2]
    )
    return [(_seconds(job.owner_served_at), job) for job in rows]


def _served_at(kind: JobKind) -> Combinable:
    """Return when a job's owner was served. Nobody's long jobs take turns with those of users."""
    served_at = F(f"{kind.owner}__served_at")
    if kind.quick is not None:
        return served_at
    return Case(When(**{f"{kind.owner}__isnull": True}, then=F("queued_at")), default=served_at)


def _seconds(moment: Any) -> float:
    return float(moment.timestamp()) if moment else 0.0


def run(job: Job, *, is_guest: bool = False) -> bool:
    """Do a job; return False if another worker has it or no attempts are left.

    Re-raises a failure after recording it. A guest is a job that runs during another one.
    """
    kind = kind_of(job)
    claim = claims.claim(kind, job)
    if claim is None:
        return False
    owner = kind.model._default_manager.filter(pk=job.pk).values(kind.owner)
    User.objects.filter(pk__in=owner).update(served_at=timezone.now())
    if not is_guest:
        claim.give_way = _Guests().let_through
    patience = PATIENCE / 2 if is_guest else PATIENCE  # a stuck guest ends before its host
    with claims.recording_failure(claim), watching(claim, patience):
        kind.run(claim)
    return True


class _Guests:
    """Quick jobs that run during a long one, in turns with it."""

    def __init__(self) -> None:
        self._host_since = monotonic()

    def let_through(self) -> None:
        if monotonic() - self._host_since < HOST_TURN:
            return
        deadline = monotonic() + GUESTS_TURN
        while monotonic() < deadline and (waiting := next_jobs(quick=True)):
            try:
                run(waiting[0], is_guest=True)
            except (Exception, TimeoutException):
                logger.exception("Job %s failed", waiting[0].pk)
        self._host_since = monotonic()
