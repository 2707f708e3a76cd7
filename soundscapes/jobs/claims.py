"""Claims on jobs. Every write is refused once the claim is lost."""

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django_q.exceptions import TimeoutException

from soundscapes.engine.errors import EngineError
from soundscapes.files import processes, progress
from soundscapes.jobs import server_errors
from soundscapes.jobs.kinds import JobKind
from soundscapes.models import Heartbeat, State
from soundscapes.models.jobs import FREE, LEASE, MAX_ATTEMPTS, Job, JobQuerySet, ended, queued

logger = logging.getLogger(__name__)

WAITING = "Waiting for its turn"
INTERRUPTED = "Interrupted; starting again"
REPORT_INTERVAL = 0.25  # seconds: more often than a page asks would only cost writes
OUTAGE = 45.0  # seconds that a worker waits for a database that is away; its lease is longer
OUTAGE_POLL = 1.0


class LostClaimError(Exception):
    """Another worker has the job, or it was deleted; the result is discarded."""


@dataclass
class Claim:
    """A job held by this process. Every write is refused once the claim is lost."""

    jobs: JobQuerySet[Any]
    pk: uuid.UUID
    worker: str
    give_way: Callable[[], None] = lambda: None
    """Do quick jobs that wait; called now and then by those that take long."""
    _reported: float = field(default=0.0)

    def report(self, state: State, stage: str, percent: int) -> None:
        """Report progress, skipping repeats within a moment."""
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
        """Renew the lease and give a sign of life; False once the claim is lost."""
        is_held = self.jobs.held(self.pk, self.worker).update(leased_until=timezone.now() + LEASE)
        Heartbeat.objects.beat()
        return bool(is_held)

    def finish(self, **fields: Any) -> None:
        self.write(progress=100, **ended(State.READY, "Ready"), **fields)

    def yield_turn(self, **fields: Any) -> None:
        """Queue the job behind others with its attempts reset, for it made progress."""
        self.write(attempts=0, queued_at=timezone.now(), **FREE, **fields)

    def requeue(self) -> None:
        """Queue the job again without counting the attempt."""
        self.write(**queued(INTERRUPTED))

    def fail(self, words: str) -> None:
        self.write(error=words, **ended(State.FAILED, "Failed"))


def claim(kind: JobKind, job: Job) -> Claim | None:
    """Take a job, or return None where it is over or held by another worker.

    A job whose attempts all ended with a dead worker fails here, in words for its owner.
    """
    worker = f"{processes.own_name()}/{uuid.uuid4().hex[:8]}"
    if kind.jobs.claim(job.pk, worker):
        return Claim(kind.jobs, job.pk, worker)
    failed = kind.jobs.exhausted().filter(pk=job.pk)
    with transaction.atomic():  # a retry waits, or its files could be the ones that are discarded
        if failed.update(error=kind.died, **ended(State.FAILED, "Failed")):
            kind.discard(job)
    return None


@contextmanager
def recording_failure(claim: Claim) -> Iterator[None]:
    """Record a failure in words for its owner, then raise it.

    An unavailable database is waited for, then the job is queued again unless it was the last
    attempt.
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
        raise
    finally:
        Heartbeat.objects.beat()


def _outlast_outage(claim: Claim) -> bool:
    """Requeue the job once the database is back; False without attempts left.

    Raises the database's error if it stays away: the lease then ends and others take over.
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
        return "Nothing moved for minutes, so this was stopped. Retry, or try a shorter soundscape."
    if words := server_errors.words_of(error):
        return words
    if isinstance(error, FileNotFoundError):
        return (
            "A file that this soundscape needs is missing on the server. Upload the image again, "
            f"or tell the administrator this number: {pk}."
        )
    return f"Something went wrong on the server. Retry; if it happens again, report {pk}."
