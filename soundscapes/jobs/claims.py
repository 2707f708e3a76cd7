"""Claims of workers on jobs."""

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

from django.db import connection, transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django_q.exceptions import TimeoutException

from soundscapes.engine.errors import EngineError
from soundscapes.files import processes, progress
from soundscapes.jobs import server_errors
from soundscapes.jobs.kinds import JobKind
from soundscapes.models import Heartbeat, State
from soundscapes.models.jobs import FREE, LEASE, MAX_ATTEMPTS, Job, JobQuerySet, ended, queued

logger = logging.getLogger(__name__)

WAITING = "Waiting in the queue"
INTERRUPTED = "Restarting after an interruption"
REPORT_INTERVAL = 0.25  # seconds; pages poll no more often
OUTAGE = 45.0  # seconds that a worker waits for an unavailable database; less than its lease
OUTAGE_POLL = 1.0


class LostClaimError(Exception):
    """Another worker has the job, or it was deleted. The result is discarded."""


@dataclass
class Claim:
    """A job held by this process. Every write is refused once the claim is lost."""

    jobs: JobQuerySet[Any]
    pk: uuid.UUID
    worker: str
    give_way: Callable[[], None] = lambda: None
    """Run waiting quick jobs; long jobs call this from time to time."""
    ended: Callable[[Any], None] = lambda _pk: None
    _reported: float = field(default=0.0)

    def report(self, state: State, stage: str, percent: int) -> None:
        """Report progress, at most once per `REPORT_INTERVAL`."""
        progress.note()
        if monotonic() - self._reported < REPORT_INTERVAL and percent < 100:
            return
        self.write(state=state, stage=stage, progress=percent)

    def write(self, **fields: Any) -> None:
        """Update the job's fields. Raises LostClaimError."""
        progress.note()
        if not self.jobs.held(self.pk, self.worker).update(**fields):
            raise LostClaimError(f"{self.pk} is not held by {self.worker}")
        self._reported = monotonic()

    def renew(self) -> bool:
        """Renew the lease and send a heartbeat; return False if the claim is lost."""
        is_held = self.jobs.held(self.pk, self.worker).update(leased_until=timezone.now() + LEASE)
        Heartbeat.objects.beat()
        return bool(is_held)

    def finish(self, **fields: Any) -> None:
        self._end(progress=100, **ended(State.READY, "Ready"), **fields)

    def yield_turn(self, **fields: Any) -> None:
        """Queue the job behind others, with its attempts reset because it made progress."""
        self.write(attempts=0, queued_at=timezone.now(), **FREE, **fields)

    def requeue(self) -> None:
        """Queue the job again; the attempt counts."""
        self.write(**queued(INTERRUPTED))

    def fail(self, message: str, **fields: Any) -> None:
        self._end(error=message, **ended(State.FAILED, "Failed"), **fields)

    def _end(self, **fields: Any) -> None:
        with transaction.atomic():
            self.write(**fields)
            self.ended(self.pk)


def claim(kind: JobKind, job: Job) -> Claim | None:
    """Claim a job, or return None if it has ended or another worker holds it.

    A job whose attempts have all ended with a dead worker fails here.
    """
    worker = f"{processes.own_name()}/{uuid.uuid4().hex[:8]}"
    if kind.jobs.claim(job.pk, worker):
        return Claim(kind.jobs, job.pk, worker, ended=kind.ended)
    failed = kind.jobs.exhausted().filter(pk=job.pk)
    with transaction.atomic():  # a concurrent retry waits, so that its files are not discarded
        if failed.update(error=kind.died, **ended(State.FAILED, "Failed")):
            kind.ended(job.pk)
            kind.discard(job)
    return None


@contextmanager
def recording_failure(claim: Claim) -> Iterator[None]:
    """Record a failure with a message for the job's owner, then raise it.

    If the database is unavailable, wait for it and queue the job again, unless this was its last
    attempt.
    """
    try:
        yield
    except LostClaimError as error:
        logger.info("Discarded a result: %s", error)
    except (Exception, TimeoutException) as error:
        try:
            if server_errors.is_database_away(error) and _outlast_outage(claim):
                logger.warning("The database was unavailable; job %s restarts", claim.pk)
                return
            claim.fail(_message(error, claim.pk))
        except LostClaimError as lost:  # deleted or claimed by another worker: not a failure
            logger.info("Discarded a result: %s", lost)
            return
        raise
    finally:
        Heartbeat.objects.beat()


@contextmanager
def deleting_on_failure(stored: Iterable[FieldFile]) -> Iterator[None]:
    """Delete stored files if the block, which records them in rows, fails.

    After a database failure the files stay, because the rows may name them. The next attempt
    removes them first.
    """
    try:
        yield
    except BaseException as error:
        if not server_errors.is_database_away(error):
            for each in stored:
                each.delete(save=False)
        raise


def _outlast_outage(claim: Claim) -> bool:
    """Queue the job again once the database is back; return False if no attempts are left.

    Raises the database's error if the outage lasts: the lease then expires, and another worker
    takes the job.
    """
    deadline = monotonic() + OUTAGE
    while True:
        connection.close()  # a broken connection never recovers
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


def _message(error: BaseException, pk: uuid.UUID) -> str:
    if isinstance(error, EngineError):
        return str(error)
    if isinstance(error, TimeoutException):
        return (
            "This was stopped because it made no progress for several minutes. "
            "Retry, or try a shorter soundscape."
        )
    if message := server_errors.words_of(error):
        return message
    if isinstance(error, FileNotFoundError):
        return (
            "A file that this soundscape needs is missing from the server. Upload the image "
            f"again, or report the number {pk} to the administrator."
        )
    return (
        "Something went wrong on the server. "
        f"Retry. If it happens again, report the number {pk} to the administrator."
    )
