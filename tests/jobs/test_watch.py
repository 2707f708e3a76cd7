"""A job at work keeps its lease without reporting, and one that is stuck is ended."""

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

pytestmark = pytest.mark.django_db(transaction=True)  # the watch has a connection of its own


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
    """As if a minute had passed. SQLite's tables in memory may be locked for a moment."""
    with suppress(OperationalError):
        return bool(Generation.objects.update(leased_until=timezone.now()))
    return False


def is_renewed() -> bool:
    with suppress(OperationalError):
        return not Generation.objects.lapsed().exists()
    return False


def test_the_lease_is_renewed_while_nothing_is_reported(claim):
    with watch.watching(claim):
        for _ in range(2):
            until(lapse, 20, "the end of the lease")
            until(is_renewed, 20, "a renewed lease")
    assert Heartbeat.objects.exists()


def test_a_claim_that_is_lost_is_not_taken_back(claim):
    ended_at = timezone.now()
    Generation.objects.update(claimed_by="another", leased_until=ended_at)
    with watch.watching(claim):
        sleep(0.3)
    assert Generation.objects.get().leased_until == ended_at


def test_a_job_in_which_nothing_moves_is_ended_and_says_so(claim):
    with (
        pytest.raises(TimeoutException),
        claims.recording_failure(claim),
        watch.watching(claim, patience=0.2),
    ):
        Event().wait(60)
    job = Generation.objects.get()
    assert job.state == State.FAILED
    assert "Nothing moved" in job.error


def test_a_slow_file_is_waited_for_longer_than_for_silence(claim):
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            sleep(0.1)
            return super().read(1)

    target = io.BytesIO()
    with watch.watching(claim, patience=0.5):
        progress.copy(Slow(b"ten blocks"), target)
    assert target.getvalue() == b"ten blocks"


def test_what_follows_a_job_hears_no_alarm_of_it(claim):
    with watch.watching(claim, patience=0.2):
        pass
    sleep(0.4)
