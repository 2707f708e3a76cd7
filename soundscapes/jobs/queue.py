"""Handing work to the queue, and holding it while it is done."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

from soundscapes.engine.errors import EngineError
from soundscapes.files import processes
from soundscapes.jobs import server_errors
from soundscapes.jobs.wake_up import own_key
from soundscapes.models import BatchJob, Export, Generation, Heartbeat, Image, Rendition, State
from soundscapes.models.jobs import LEASE, MAX_ATTEMPTS, Job, JobQuerySet

logger = logging.getLogger(__name__)

TASKS: Mapping[type[Job], str] = {
    Image: "match_image",
    Generation: "make_generation",
    Rendition: "make_rendition",
    BatchJob: "run_batch_job",
    Export: "make_export",
}
"""What the queue is to call for each kind of job."""

HEARTBEAT = "heartbeat"
BEAT_EVERY = timedelta(minutes=1)
WAITING = "Waiting for its turn"
LONG_TASKS: dict[type[Job], int] = {Export: 3600}
"""Seconds, where a kind of job may rightly take longer than the queue lets any task."""

REPORT_INTERVAL = 0.25  # seconds: more often than a page asks would only cost writes
BEAT_INTERVAL = 10.0  # seconds between the signs of life of a worker that is at a long job
OUTAGE = 45.0  # seconds that a worker waits for a database that is away; its lease is longer
OUTAGE_POLL = 1.0
WORKER_SILENCE = 150.0  # seconds; it gives a sign of life every minute

DIED_AT_THIS = (
    "The worker died at this every time it tried. "
    "Retry; if it happens again, try another picture or a shorter soundscape."
)
DIED_AT_BATCH_JOB = (
    "The worker died at the same file every time it tried: the one after the last of the report. "
    "Leave that one out and start again."
)


class LostClaimError(Exception):
    """Somebody else holds the job by now, or it was deleted; what was done is thrown away."""


def enqueue(job: Job) -> None:
    """Queue a job that is new, has failed or was cancelled, with all its attempts before it.

    The row and the queue's message are written in one transaction: neither is there alone.
    """
    with transaction.atomic():
        type(job)._default_manager.filter(pk=job.pk).update(
            state=State.QUEUED,
            stage=WAITING,
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
    async_task(f"soundscapes.jobs.tasks.{TASKS[type(job)]}", str(job.pk), timeout=timeout)


def _is_dead(claimed_by: str) -> bool:
    """Whether the claim is of a process of this machine that is gone."""
    return processes.is_dead(claimed_by.rpartition("/")[0])


@dataclass
class Claim:
    """A job in this process's hands. Every write is refused once the claim has been lost."""

    jobs: JobQuerySet[Any]
    pk: uuid.UUID
    worker: str
    _reported: float = field(default=0.0)
    _beat: float = field(default_factory=monotonic)

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
        if self._reported - self._beat > BEAT_INTERVAL:
            self._beat = self._reported
            Heartbeat.objects.beat()

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

    def yield_turn(self, **fields: Any) -> None:
        """Let others have their turn: queue the job again, its attempts anew, for it got on."""
        with transaction.atomic():
            self.write(
                claimed_by="", leased_until=None, attempts=0, queued_at=timezone.now(), **fields
            )
            _send(self.jobs.get(pk=self.pk))

    def requeue(self) -> None:
        """Queue the job again: that it is not done is no fault of its own."""
        held = self.jobs.held(self.pk, self.worker).first()
        if held is None or not release(held):
            raise LostClaimError(f"{self.pk} is not held by {self.worker}")

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
    worker = f"{processes.own_name()}/{uuid.uuid4().hex[:8]}"
    if jobs.claim(key, worker):
        return Claim(jobs, key, worker)
    jobs.exhausted().filter(pk=key).update(
        state=State.FAILED,
        stage="Failed",
        error=DIED_AT_BATCH_JOB if jobs.model is BatchJob else DIED_AT_THIS,
        claimed_by="",
        leased_until=None,
        finished_at=timezone.now(),
    )
    return None


@contextmanager
def failing_in_words(claim: Claim) -> Iterator[None]:
    """Write a failure to its row, in words for its owner, before it is raised.

    A database that goes away is no failure of the job: it is waited for, and then the job is
    queued again, unless that was its last attempt.
    """
    try:
        yield
    except LostClaimError as error:
        logger.info("Dropped: %s", error)
    except (Exception, TimeoutException) as error:
        try:
            if server_errors.is_database_away(error) and _outlast_outage(claim):
                logger.warning("The database was away; %s starts again", claim.pk)
                return
            claim.fail(_words(error, claim.pk))
        except LostClaimError as lost:  # deleted, or another's by now: no failure of this job
            logger.info("Dropped: %s", lost)
            return
        logger.exception("Job %s failed", claim.pk)
        raise
    finally:
        Heartbeat.objects.beat()


def _outlast_outage(claim: Claim) -> bool:
    """Queue the job again as soon as there is a database; False where its attempts are used up.

    Where none comes back in time, its error is raised: the lease ends, and then others take over.
    """
    deadline = monotonic() + OUTAGE
    while True:
        connection.close()  # a broken one would never work again
        try:
            if claim.jobs.filter(pk=claim.pk, attempts__gte=MAX_ATTEMPTS).exists():
                return False
            claim.requeue()
        except Exception as error:
            if not server_errors.is_database_away(error) or monotonic() > deadline:
                raise
            sleep(OUTAGE_POLL)
        else:
            return True


def _words(error: BaseException, pk: uuid.UUID) -> str:
    if isinstance(error, EngineError):
        return str(error)
    if isinstance(error, TimeoutException):
        return "This took too long and was stopped. Try a shorter soundscape, or retry."
    if words := server_errors.words_of(error):
        return words
    if isinstance(error, FileNotFoundError):
        return (
            "A file that this soundscape needs is missing on the server. Upload the picture again, "
            f"or tell the administrator this number: {pk}."
        )
    return f"Something went wrong on the server. Retry; if it happens again, report {pk}."


def all_of(kind: type[Job]) -> JobQuerySet[Any]:
    jobs: JobQuerySet[Any] = kind._default_manager.all()  # type: ignore[assignment]
    return jobs


def _all_jobs() -> list[JobQuerySet[Any]]:
    return [all_of(kind) for kind in TASKS]


def silence() -> float:
    """Seconds since any worker of any machine last gave a sign of life."""
    beat = Heartbeat.objects.latest_beat()
    return (timezone.now() - beat).total_seconds() if beat else inf


def longest_wait() -> float:
    """Seconds for which the oldest job has been waiting for a worker; 0 where none waits."""
    since = [jobs.waiting().aggregate(oldest=Min("queued_at"))["oldest"] for jobs in _all_jobs()]
    oldest = min((each for each in since if each is not None), default=None)
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0


def is_worker_up() -> bool:
    return silence() < WORKER_SILENCE


def schedule_heartbeat() -> None:
    """A beat every minute, from now on."""
    Schedule.objects.update_or_create(
        name=HEARTBEAT,
        defaults={
            "func": "soundscapes.jobs.tasks.beat",
            "schedule_type": Schedule.MINUTES,
            "next_run": timezone.now(),
        },
    )


def ask_this_host() -> None:
    """Have the workers of this machine, and no others, give a sign of life."""
    key = own_key(str(Conf.CLUSTER_NAME))
    if not OrmQ.objects.filter(key=key, lock__lte=timezone.now()).exists():
        async_task("soundscapes.jobs.tasks.give_sign", cluster=key)


def forget_silent_hosts() -> None:
    """Machines that have not been heard of for a day, and what they were asked."""
    a_day_ago = timezone.now() - timedelta(days=1)
    Heartbeat.objects.filter(beat_at__lt=a_day_ago).delete()
    OrmQ.objects.exclude(key=Conf.CLUSTER_NAME).filter(lock__lt=a_day_ago).delete()


def orphans() -> list[Job]:
    """What nobody works on any more.

    That is what a dead worker held, what a worker held whose lease has ended, and what was
    handed to a cluster that died before one of its workers took it.
    """
    found: list[Job] = []
    is_queue_empty = get_broker().queue_size() == 0
    for jobs in _all_jobs():
        lapsed = set(jobs.lapsed().values_list("pk", flat=True))
        held = jobs.unfinished().exclude(leased_until=None)
        found += [job for job in held if job.pk in lapsed or _is_dead(job.claimed_by)]
        found += jobs.stranded() if is_queue_empty else []
    return found


def release_orphans() -> int:
    """Queue again what nobody works on any more; how many jobs."""
    _believe_no_future()
    return sum(release(job) for job in orphans())


def _believe_no_future() -> None:
    """Bring to the present what was written before somebody set the clock back.

    Whoever is alive renews its lease; the rest would have to wait until that time comes again.
    """
    now = timezone.now()
    for jobs in _all_jobs():
        jobs.unfinished().filter(leased_until__gt=now + LEASE).update(leased_until=now + LEASE)
        jobs.unfinished().filter(queued_at__gt=now).update(queued_at=now)
    Heartbeat.objects.filter(beat_at__gt=now).update(beat_at=now)
    last = now + timedelta(seconds=Conf.RETRY)  # type: ignore[arg-type]
    OrmQ.objects.filter(lock__gt=last).update(lock=now)
    late = now + 2 * BEAT_EVERY
    Schedule.objects.filter(name=HEARTBEAT, next_run__gt=late).update(next_run=now)


def release(job: Job) -> int:
    """Queue a job again, its attempts counted on; 0 where it has moved on since it was read."""
    as_read = {name: getattr(job, name) for name in ("claimed_by", "leased_until", "queued_at")}
    with transaction.atomic():
        freed = (
            all_of(type(job))
            .unfinished()
            .filter(pk=job.pk, **as_read)
            .update(
                state=State.QUEUED,
                stage="Interrupted; starting again" if job.claimed_by else WAITING,
                claimed_by="",
                leased_until=None,
                queued_at=timezone.now(),
            )
        )
        if freed:
            logger.warning("%s starts again; %s had it", job.pk, job.claimed_by or "nobody")
            _send(job)
    return freed
