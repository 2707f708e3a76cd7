"""Handing work to the queue, and holding it while it is done."""

from __future__ import annotations

import errno
import logging
import os
import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any, cast

import psutil
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.exceptions import TimeoutException
from django_q.tasks import async_task

from soundscapes.engine.errors import EngineError
from soundscapes.models import Chore, Export, Generation, Heartbeat, Image, Rendition, State
from soundscapes.models.jobs import LEASE, Job, JobQuerySet

logger = logging.getLogger(__name__)

TASKS: Mapping[type[Job], str] = {
    Image: "match_image",
    Generation: "make_generation",
    Rendition: "make_rendition",
    Chore: "do_chore",
    Export: "make_export",
}
"""What the queue is to call for each kind of job."""

LONG_TASKS: dict[type[Job], int] = {Export: 3600}
"""Seconds, where a kind of job may rightly take longer than the queue lets any task."""

REPORT_INTERVAL = 0.25  # seconds: more often than a page asks would only cost writes

DIED_AT_THIS = (
    "The worker died at this every time it tried. "
    "Retry; if it happens again, try another picture or a shorter soundscape."
)
DIED_AT_CHORE = (
    "The worker died at the same file every time it tried: the one after the last of the report. "
    "Leave that one out and start again."
)


class LostClaimError(Exception):
    """Somebody else holds the job by now, or it was deleted; what was done is thrown away."""


def enqueue(job: Job) -> None:
    """Queue a job that is new, has failed or was interrupted, with all its attempts before it.

    The row and the queue's message are written in one transaction: neither is there alone.
    """
    with transaction.atomic():
        type(job)._default_manager.filter(pk=job.pk).update(
            state=State.QUEUED,
            stage="Waiting for its turn",
            progress=0,
            attempts=0,
            claimed_by="",
            leased_until=None,
            error="",
            queued_at=timezone.now(),
        )
        _send(job)


def _send(job: Job) -> None:
    timeout = LONG_TASKS.get(type(job), settings.TASK_TIMEOUT)
    async_task(f"soundscapes.tasks.{TASKS[type(job)]}", str(job.pk), timeout=timeout)


def _process_name(pid: int) -> str:
    """Host, pid and start time: a name that no later process gets again."""
    return f"{socket.gethostname()}/{pid}/{psutil.Process(pid).create_time():.0f}"


def _is_dead(claimed_by: str) -> bool:
    """Whether the claim is of a process of this machine that is gone."""
    host, pid, _started, _claim = claimed_by.split("/")
    if host != socket.gethostname():
        return False
    try:
        is_another = not claimed_by.startswith(_process_name(int(pid)) + "/")
        return is_another or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@dataclass
class Claim:
    """A job in this process's hands. Every write is refused once the claim has been lost."""

    jobs: JobQuerySet[Any]
    pk: uuid.UUID
    worker: str
    _reported: float = field(default=0.0)

    def report(self, state: State, stage: str, progress: int) -> None:
        """Say how far it is, and renew the lease. Repeats within a moment are skipped."""
        if monotonic() - self._reported < REPORT_INTERVAL and progress < 100:
            return
        self.write(state=state, stage=stage, progress=progress)

    def write(self, **fields: Any) -> None:
        """Update the job's fields and renew the lease.

        Raises LostClaimError if somebody else has the job by now.
        """
        fields.setdefault("leased_until", timezone.now() + LEASE)
        if not self.jobs.held(self.pk, self.worker).update(**fields):
            raise LostClaimError(f"{self.pk} is not held by {self.worker}")
        self._reported = monotonic()

    def finish(self, **fields: Any) -> None:
        """The job is done."""
        self.write(
            state=State.READY,
            stage="Ready",
            progress=100,
            claimed_by="",
            leased_until=None,
            finished_at=timezone.now(),
            **fields,
        )

    def hand_back(self, **fields: Any) -> None:
        """Let others have their turn: queue the job again, its attempts anew, for it got on."""
        with transaction.atomic():
            self.write(
                claimed_by="", leased_until=None, attempts=0, queued_at=timezone.now(), **fields
            )
            _send(self.jobs.get(pk=self.pk))

    def fail(self, words: str) -> None:
        """The job is over, with words for its owner."""
        self.write(
            state=State.FAILED,
            stage="Failed",
            error=words,
            claimed_by="",
            leased_until=None,
            finished_at=timezone.now(),
        )


def claim(jobs: JobQuerySet[Any], pk: str) -> Claim | None:
    """Take a job, or None where there is nothing (left) to do for this process."""
    key = uuid.UUID(pk)
    worker = f"{_process_name(os.getpid())}/{uuid.uuid4().hex[:8]}"
    if jobs.claim(key, worker):
        return Claim(jobs, key, worker)
    jobs.exhausted().filter(pk=key).update(
        state=State.FAILED,
        stage="Failed",
        error=DIED_AT_CHORE if jobs.model is Chore else DIED_AT_THIS,
        leased_until=None,
        finished_at=timezone.now(),
    )
    return None


@contextmanager
def failing_in_words(claim: Claim) -> Iterator[None]:
    """Write a failure to its row, in words for its owner, before it is raised."""
    try:
        yield
    except LostClaimError as error:
        logger.info("Dropped: %s", error)
    except (Exception, TimeoutException) as error:
        try:
            claim.fail(_words(error, claim.pk))
        except LostClaimError as lost:  # deleted, or another's by now: no failure of this job
            logger.info("Dropped: %s", lost)
            return
        logger.exception("Job %s failed", claim.pk)
        raise
    finally:
        Heartbeat.objects.beat()


def _words(error: BaseException, pk: uuid.UUID) -> str:
    if isinstance(error, EngineError):
        return str(error)
    if isinstance(error, TimeoutException):
        return "This took too long and was stopped. Try a shorter soundscape, or retry."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The server's disk is full. Retry once its administrator has made room."
    if isinstance(error, FileNotFoundError):
        return (
            "A file that this soundscape needs is missing on the server. Upload the picture again, "
            f"or tell the administrator this number: {pk}."
        )
    return f"Something went wrong on the server. Retry; if it happens again, report {pk}."


def _all_jobs() -> list[JobQuerySet[Any]]:
    return [cast(JobQuerySet[Any], kind._default_manager.all()) for kind in TASKS]


def silence() -> float:
    """Seconds since any worker last gave a sign of life: a beat, or a renewed lease."""
    leases = [
        jobs.unfinished().aggregate(latest=Max("leased_until"))["latest"] for jobs in _all_jobs()
    ]
    signs = [lease - LEASE for lease in leases if lease is not None]
    if beat := Heartbeat.objects.latest_beat():
        signs.append(beat)
    return (timezone.now() - max(signs)).total_seconds() if signs else inf


def ask_for_beat() -> None:
    """Queue the heartbeat now, beside its schedule."""
    async_task("soundscapes.tasks.beat")


def release_orphans() -> int:
    """Queue again what nobody works on any more; how many jobs.

    That is what a dead worker held, what a worker held whose lease has ended, and what was
    handed to a cluster that died before one of its workers took it.
    """
    released = 0
    for jobs in _all_jobs():
        lapsed = set(jobs.lapsed().values_list("pk", flat=True))
        for job in jobs.unfinished().exclude(leased_until=None):
            if job.pk in lapsed or _is_dead(job.claimed_by):
                released += _release(jobs, job)
        if get_broker().queue_size() == 0:
            for job in jobs.stranded():
                enqueue(job)
                released += 1
    return released


def _release(jobs: JobQuerySet[Any], job: Job) -> int:
    with transaction.atomic():
        freed = jobs.held(job.pk, job.claimed_by).update(
            state=State.QUEUED,
            stage="Interrupted; starting again",
            claimed_by="",
            leased_until=None,
            queued_at=timezone.now(),
        )
        if freed:
            logger.warning("Worker %s is gone; %s starts again", job.claimed_by, job.pk)
            _send(job)
    return freed
