"""The watchdog of running jobs: it renews leases and stops stuck jobs."""

import io
from contextlib import suppress
from threading import Event
from time import sleep

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_q.exceptions import TimeoutException

from soundscapes.files import progress
from soundscapes.jobs import claims, watch
from soundscapes.jobs.kinds import kind_of
from soundscapes.models import Generation, Heartbeat, State
from tests import factories
from tests.live.server import until

pytestmark = pytest.mark.django_db(transaction=True)  # the watchdog has its own connection


@pytest.fixture(autouse=True)
def _quick(monkeypatch) -> None:
    monkeypatch.setattr(watch, "INTERVAL", 0.05)


@pytest.fixture
def claim() -> claims.Claim:
    job = factories.GenerationFactory()
    claim = claims.claim(kind_of(job), job)
    assert claim is not None
    return claim


def lapse() -> bool:
    """Let the lease expire; return False if SQLite's in-memory table is locked."""
    with suppress(OperationalError):
        return bool(Generation.objects.update(leased_until=timezone.now()))
    return False


def is_renewed() -> bool:
    with suppress(OperationalError):
        return not Generation.objects.lapsed().exists()
    return False


def test_the_lease_is_renewed_without_reports(claim):
    with watch.watching(claim):
        for _ in range(2):
            until(lapse, 30, "the end of the lease")
            until(is_renewed, 30, "a renewed lease")
    assert Heartbeat.objects.exists()


def test_a_lost_claim_is_not_renewed(claim):
    ended_at = timezone.now()
    Generation.objects.update(claimed_by="another", leased_until=ended_at)
    with watch.watching(claim):
        sleep(0.3)
    assert Generation.objects.get().leased_until == ended_at


def test_a_job_without_progress_is_stopped_with_a_message(claim):
    with (
        pytest.raises(TimeoutException),
        claims.recording_failure(claim),
        watch.watching(claim, patience=0.2),
    ):
        Event().wait(60)
    job = Generation.objects.get()
    assert job.state == State.FAILED
    assert "made no progress" in job.error


def test_copying_a_slow_file_counts_as_progress(claim):
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            sleep(0.2)
            return super().read(1)

    target = io.BytesIO()
    with watch.watching(claim, patience=1.5):
        progress.copy(Slow(b"ten blocks"), target)
    assert target.getvalue() == b"ten blocks"


def test_the_alarm_does_not_reach_later_code(claim):
    with watch.watching(claim, patience=0.2):
        pass
    sleep(0.4)
