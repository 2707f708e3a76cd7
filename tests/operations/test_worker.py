"""Start of a worker before its first job."""

import logging

import pytest
from django_q.models import OrmQ

from soundscapes.images import matching
from soundscapes.jobs import heartbeat
from soundscapes.models import BatchJob, Generation, Heartbeat
from soundscapes.operations import worker
from tests import factories


@pytest.fixture(autouse=True)
def _prepared(monkeypatch):
    monkeypatch.setattr(matching, "is_prepared", lambda: True)


@pytest.mark.django_db
def test_a_new_worker_recovers_jobs_and_warms_up(monkeypatch):
    warmed = []
    monkeypatch.setattr(matching, "warm_up", warmed.append)
    job = factories.GenerationFactory()
    Generation.objects.claim(job.pk, "another-host/1/1/1")
    Generation.objects.update(leased_until="2020-01-01T00:00Z")
    worker.worker_spawned()
    job.refresh_from_db()
    assert job.claimed_by == ""
    assert OrmQ.objects.count() == 1
    assert warmed


@pytest.mark.django_db
def test_a_long_warm_up_sends_heartbeats_and_holds_no_job(monkeypatch):
    factories.GenerationFactory()
    seen = []

    def slow(progress):
        for done in range(3):
            Heartbeat.objects.update(beat_at="2020-01-01T00:00Z")
            progress(done, 3)
            seen.append(
                (heartbeat.silence() < 5, Generation.objects.exclude(claimed_by="").exists())
            )

    monkeypatch.setattr(matching, "warm_up", slow)
    worker.worker_spawned()
    assert seen == [(True, False)] * 3


@pytest.mark.django_db
def test_a_new_worker_clears_an_old_failure_of_a_device(monkeypatch):
    Heartbeat.objects.beat()
    Heartbeat.objects.report("cuda failed")
    monkeypatch.setattr(matching, "warm_up", lambda _progress: None)
    worker.worker_spawned()
    assert Heartbeat.objects.troubles() == {}


@pytest.mark.django_db
def test_a_worker_that_cannot_warm_up_still_works(monkeypatch, caplog):
    def broken(_progress):
        raise OSError("no room for the cache")

    monkeypatch.setattr(matching, "warm_up", broken)
    with caplog.at_level(logging.ERROR):
        worker.worker_spawned()
    assert "could not warm up" in caplog.text


@pytest.mark.django_db
def test_workers_leave_the_preparation_of_the_encoder_to_one_batch_job(monkeypatch):
    monkeypatch.setattr(matching, "is_prepared", lambda: False)
    monkeypatch.setattr(matching, "warm_up", lambda _progress: pytest.fail("not in a batch job"))
    for _worker in range(2):
        worker.worker_spawned()
    assert BatchJob.objects.get().kind == BatchJob.Kind.ENCODER
