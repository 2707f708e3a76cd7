"""Heartbeats of the workers, and the schedule of the maintenance."""

import math
import socket
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from soundscapes.engine.errors import EngineError
from soundscapes.jobs import claims, heartbeat, queue
from soundscapes.jobs.kinds import kind_of
from soundscapes.models import Heartbeat, State
from soundscapes.operations import maintenance
from tests import factories
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim():
    job = factories.GenerationFactory()
    return claims.claim(kind_of(job), job)


def test_every_heartbeat_and_every_job_updates_the_heartbeat(claim):
    assert Heartbeat.objects.latest_beat() is None
    maintenance.run()
    first = Heartbeat.objects.latest_beat()
    with pytest.raises(EngineError), claims.recording_failure(claim):
        raise EngineError("No.")
    assert Heartbeat.objects.latest_beat() > first
    assert Heartbeat.objects.count() == 1


def test_silence_counts_from_the_last_heartbeat_even_of_long_jobs(claim):
    assert heartbeat.silence() == math.inf
    claim.report(State.MATCHING, "Looking", 5)
    assert heartbeat.silence() == math.inf
    minutes_ago = timezone.now() - timedelta(minutes=5)
    factories.HeartbeatFactory(beat_at=minutes_ago, host="another-machine")
    assert heartbeat.silence() == pytest.approx(timedelta(minutes=5).total_seconds(), abs=5)
    assert claim.renew()
    assert heartbeat.silence() < 5


def test_an_asked_cluster_sends_a_heartbeat():
    heartbeat.ask_this_host()
    assert work_off() == []
    assert Heartbeat.objects.beat_of_this_host() > timezone.now() - timedelta(seconds=5)


def test_silent_machines_and_their_messages_are_deleted(monkeypatch):
    gone = timezone.now() - timedelta(days=2)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(socket, "gethostname", lambda: "gone")
        heartbeat.ask_this_host()
    OrmQ.objects.update(lock=gone)
    factories.HeartbeatFactory(beat_at=gone, host="gone")
    heartbeat.ask_this_host()
    maintenance.run()
    assert waiting() == [("soundscapes.jobs.heartbeat.give_sign",)]
    assert [beat.host for beat in Heartbeat.objects.all()] == [socket.gethostname()]


def test_a_heartbeat_due_in_the_far_future_becomes_due_now():
    heartbeat.schedule()
    Schedule.objects.update(next_run=timezone.now() + timedelta(hours=1))
    queue.recover()
    assert Schedule.objects.get().next_run <= timezone.now()
