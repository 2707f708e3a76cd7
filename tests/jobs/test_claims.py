"""Holding a job: claiming, reporting, finishing, failing, and losing it."""

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
from tests import factories

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=1)


@pytest.fixture
def job():
    return factories.GenerationFactory()


def held(job) -> claims.Claim:
    claim = claims.claim(kind_of(job), job)
    assert claim is not None
    return claim


def take_over(job) -> None:
    """Another worker has the job by now."""
    Generation.objects.filter(pk=job.pk).update(claimed_by="another", stage="Theirs", progress=55)


def test_a_claim_is_reported_on_and_finished(job):
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


def test_a_lease_is_renewed_as_long_as_the_claim_stands(job):
    claim = held(job)
    Generation.objects.update(leased_until=timezone.now())
    assert claim.renew()
    job.refresh_from_db()
    assert job.leased_until > timezone.now() + LEASE / 2
    take_over(job)
    Generation.objects.update(leased_until=None)
    assert not claim.renew()
    assert not Generation.objects.exclude(leased_until=None).exists()


def test_reports_in_quick_succession_cost_one_write(job, django_assert_num_queries):
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
def test_nothing_is_written_once_somebody_else_has_the_job(job, write):
    claim = held(job)
    take_over(job)
    before = Generation.objects.filter(pk=job.pk).values().get()
    with pytest.raises(claims.LostClaimError):
        write(claim)
    assert Generation.objects.filter(pk=job.pk).values().get() == before


def test_losing_a_claim_is_no_failure_whatever_came_of_it(job):
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
        (TimeoutException("180"), "Nothing moved"),
        (FileNotFoundError(errno.ENOENT, "gone"), "Upload the image again"),
        (ZeroDivisionError("division by zero"), "Something went wrong on the server"),
    ],
    ids=["engine", "full disk", "timeout", "missing file", "unknown"],
)
def test_a_failure_is_written_in_words_before_it_is_raised(job, error, words):
    with pytest.raises(type(error)), claims.recording_failure(held(job)):
        raise error
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert words in job.error
    assert job.error.endswith(".")
    assert "division by zero" not in job.error
    assert (job.claimed_by, job.leased_until) == ("", None)
    assert job.finished_at is not None


def test_a_job_that_killed_its_worker_every_time_fails_with_a_sentence(job):
    Generation.objects.update(attempts=MAX_ATTEMPTS, leased_until=timezone.now() - LONG_AGO)
    assert not scheduler.run(job)
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "The worker died" in job.error


def test_the_last_attempt_is_not_failed_by_another_worker(job):
    Generation.objects.update(attempts=MAX_ATTEMPTS - 1)
    held(job)
    assert not scheduler.run(job)
    job.refresh_from_db()
    assert job.state == State.QUEUED


def test_a_job_whose_row_is_gone_is_no_error(job):
    Generation.objects.all().delete()
    assert not scheduler.run(job)


# A database that goes away


@pytest.mark.django_db(transaction=True)  # the connection is closed in between
def test_a_job_that_the_database_let_down_is_queued_again_and_is_no_failure(job):
    with claims.recording_failure(held(job)):
        raise OperationalError("server closed the connection unexpectedly")
    job.refresh_from_db()
    assert (job.state, job.claimed_by, job.attempts) == (State.QUEUED, "", 1)


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_a_database_that_is_away(job, monkeypatch):
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
def test_a_database_that_stays_away_is_not_waited_for_for_ever(job, monkeypatch):
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
    assert job.claimed_by == claim.worker  # until its lease ends


@pytest.mark.django_db(transaction=True)  # the connection is closed in between
def test_a_job_that_the_database_lets_down_every_time_fails_in_words(job):
    Generation.objects.update(attempts=MAX_ATTEMPTS - 1)
    with pytest.raises(OperationalError), claims.recording_failure(held(job)):
        raise OperationalError("database is locked")
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "database does not answer" in job.error
