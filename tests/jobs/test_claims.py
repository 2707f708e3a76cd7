"""Claims: reporting, finishing, failing, and losing a job."""

import errno
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.exceptions import TimeoutException

from soundscapes.engine.errors import EngineError
from soundscapes.jobs import claims, scheduler
from soundscapes.jobs.kinds import kind_of
from soundscapes.models import Generation, State
from soundscapes.models.jobs import LEASE, MAX_ATTEMPTS

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=1)


def held(job) -> claims.Claim:
    claim = claims.claim(kind_of(job), job)
    assert claim is not None
    return claim


def take_over(job) -> None:
    """Give the job to another worker."""
    Generation.objects.filter(pk=job.pk).update(claimed_by="another", stage="Theirs", progress=55)


def test_a_claimed_job_reports_progress_and_finishes(job):
    claim = held(job)
    claim.report(State.RENDERING, "Mixing", 50)
    job.refresh_from_db()
    assert (job.state, job.stage, job.progress) == (State.RENDERING, "Mixing", 50)
    assert not job.is_final

    claim.finish(audio="audio/x.wav")
    job.refresh_from_db()
    assert (job.state, job.progress, job.audio.name) == (State.READY, 100, "audio/x.wav")
    assert (job.claimed_by, job.leased_until) == ("", None)
    assert job.started_at <= job.finished_at
    assert claims.claim(kind_of(job), job) is None


def test_a_lease_is_renewed_while_the_claim_is_held(job):
    claim = held(job)
    Generation.objects.update(leased_until=timezone.now())
    assert claim.renew()
    job.refresh_from_db()
    assert job.leased_until > timezone.now() + LEASE / 2
    take_over(job)
    Generation.objects.update(leased_until=None)
    assert not claim.renew()
    assert not Generation.objects.exclude(leased_until=None).exists()


def test_frequent_reports_cost_one_write(job, django_assert_num_queries):
    claim = held(job)
    with django_assert_num_queries(1):
        for percent in range(50):
            claim.report(State.RENDERING, "Mixing", percent)


@pytest.mark.parametrize(
    "write",
    [
        lambda claim: claim.report(State.RENDERING, "Mine", 99),
        lambda claim: claim.finish(audio="mine.wav"),
        lambda claim: claim.fail("Mine"),
    ],
    ids=["report", "finish", "fail"],
)
def test_a_lost_claim_writes_nothing(job, write):
    claim = held(job)
    take_over(job)
    before = Generation.objects.filter(pk=job.pk).values().get()
    with pytest.raises(claims.LostClaimError):
        write(claim)
    assert Generation.objects.filter(pk=job.pk).values().get() == before


def test_a_lost_claim_is_not_a_failure(job):
    claim = held(job)
    take_over(job)
    with claims.recording_failure(claim):
        raise EngineError("Too late to matter.")
    job.refresh_from_db()
    assert (job.stage, job.error) == ("Theirs", "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (EngineError("There is no sound. Enable one."), "There is no sound. Enable one."),
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (TimeoutException("180"), "made no progress"),
        (FileNotFoundError(errno.ENOENT, "gone"), "Upload the image again"),
        (ZeroDivisionError("division by zero"), "Something went wrong on the server"),
    ],
    ids=["engine", "full disk", "timeout", "missing file", "unknown"],
)
def test_a_failure_is_recorded_before_it_is_raised(job, error, words):
    with pytest.raises(type(error)), claims.recording_failure(held(job)):
        raise error
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert words in job.error
    assert job.error.endswith(".")
    assert "division by zero" not in job.error
    assert (job.claimed_by, job.leased_until) == ("", None)
    assert job.finished_at is not None


def test_a_job_that_kills_every_worker_fails_with_a_message(job):
    Generation.objects.update(attempts=MAX_ATTEMPTS, leased_until=timezone.now() - LONG_AGO)
    assert not scheduler.run(job)
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "The worker crashed" in job.error


def test_the_last_attempt_is_not_failed_by_another_worker(job):
    Generation.objects.update(attempts=MAX_ATTEMPTS - 1)
    held(job)
    assert not scheduler.run(job)
    job.refresh_from_db()
    assert job.state == State.QUEUED


def test_a_deleted_job_is_not_claimed(job):
    Generation.objects.all().delete()
    assert not scheduler.run(job)


# Database outages


@pytest.mark.django_db(transaction=True)  # the connection is closed in between
def test_a_database_outage_requeues_the_job(job):
    with claims.recording_failure(held(job)):
        raise OperationalError("server closed the connection unexpectedly")
    job.refresh_from_db()
    assert (job.state, job.claimed_by, job.attempts) == (State.QUEUED, "", 1)


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_an_unavailable_database(job, monkeypatch):
    monkeypatch.setattr(claims, "OUTAGE_POLL", 0.01)
    claim, refusals = held(job), iter([True] * 5)

    def away(execute, *args):
        if next(refusals, False):
            raise OperationalError("connection refused")
        return execute(*args)

    with connection.execute_wrapper(away), claims.recording_failure(claim):
        raise OperationalError("server closed the connection unexpectedly")
    job.refresh_from_db()
    assert job.state == State.QUEUED


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_not_wait_forever_for_the_database(job, monkeypatch):
    monkeypatch.setattr(claims, "OUTAGE", 0.05)
    monkeypatch.setattr(claims, "OUTAGE_POLL", 0.01)
    claim = held(job)

    def away(*_args):
        raise OperationalError("connection refused")

    with (
        connection.execute_wrapper(away),
        pytest.raises(OperationalError),
        claims.recording_failure(claim),
    ):
        raise OperationalError("server closed the connection unexpectedly")
    job.refresh_from_db()
    assert job.claimed_by == claim.worker  # until its lease expires


@pytest.mark.django_db(transaction=True)  # the connection is closed in between
def test_repeated_database_outages_fail_the_job_with_a_message(job):
    Generation.objects.update(attempts=MAX_ATTEMPTS - 1)
    with pytest.raises(OperationalError), claims.recording_failure(held(job)):
        raise OperationalError("database is locked")
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "database is not responding" in job.error
