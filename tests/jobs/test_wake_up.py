"""The broker's doorbell: the rows are the queue, the bell only ends the wait early."""

import logging
from time import monotonic

import pytest
from django.db import connection, transaction
from django_q.brokers import get_broker
from django_q.models import OrmQ

from soundscapes.jobs import queue, wake_up, worker
from soundscapes.models import Generation, Heartbeat
from soundscapes.pictures import matching
from tests import factories

LONG = 5.0  # seconds: far more than a ring takes


@pytest.fixture(autouse=True)
def _own_bell(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def waited(wait) -> float:
    begun = monotonic()
    wait(LONG)
    return monotonic() - begun


def test_a_ring_ends_the_wait_at_once():
    listener = wake_up.SocketListener()
    wake_up.ring()
    assert waited(listener.wait) < LONG / 10


def test_many_rings_end_one_wait():
    listener = wake_up.SocketListener()
    for _ in range(500):  # more than a socket holds: ringing never waits
        wake_up.ring()
    assert waited(listener.wait) < LONG / 10
    begun = monotonic()
    listener.wait(0.1)
    assert monotonic() - begun >= 0.09


def test_nobody_at_home_is_no_error_and_a_dead_ear_is_swept_away():
    wake_up.ring()
    listener = wake_up.SocketListener()
    listener._socket.close()
    assert list(wake_up.bell_directory().iterdir())
    wake_up.ring()
    assert not list(wake_up.bell_directory().iterdir())


@pytest.mark.django_db
def test_where_no_socket_can_be_the_queue_is_polled(settings, tmp_path):
    settings.DATA_DIR = tmp_path / ("long" * 40)
    settings.DATA_DIR.mkdir()
    begun = monotonic()
    wake_up._listen()(0.1)
    assert monotonic() - begun >= 0.09


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_with_the_commit_and_not_before():
    """On this machine with SQLite, from the database itself with PostgreSQL."""
    wait = wake_up._listen()
    wait(0.01)
    generation = factories.GenerationFactory()
    with transaction.atomic():
        queue.enqueue(generation)
        begun = monotonic()
        wait(0.1)
        assert monotonic() - begun >= 0.09
    assert waited(wait) < LONG / 10
    begun = monotonic()
    wait(0.1)
    assert monotonic() - begun >= 0.09


@pytest.mark.django_db(transaction=True)
def test_a_listener_outlasts_a_connection_that_breaks():
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL is listened to over a connection")
    listener = wake_up.DatabaseListener()
    listener.wait(0.01)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(%s)", [listener._database.connection.info.backend_pid]
        )
    listener.wait(0.1)  # notices
    listener.wait(0.01)  # connects again
    queue.enqueue(factories.GenerationFactory())
    assert waited(listener.wait) < LONG / 10


@pytest.mark.django_db
def test_the_oldest_task_is_taken_first_and_by_one_alone(settings):
    settings.QUEUE_POLL = 0.01
    for _ in range(2):
        queue.enqueue(factories.GenerationFactory())
    keys = list(OrmQ.objects.order_by("pk").values_list("pk", flat=True))
    first, second = wake_up.DoorbellBroker(), wake_up.DoorbellBroker()
    taken = [broker.dequeue() for broker in (first, second, first)]
    assert [task[0][0] if task else None for task in taken] == [*keys, None]


@pytest.mark.django_db
def test_the_queue_is_asked_by_its_index():
    names = connection.introspection.get_constraints(connection.cursor(), OrmQ._meta.db_table)
    assert ["key", "lock"] in [row["columns"] for row in names.values() if row["index"]]
    assert isinstance(get_broker(), wake_up.DoorbellBroker)


# The worker's start


@pytest.mark.django_db
def test_a_new_worker_takes_over_and_warms_up(monkeypatch):
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
def test_a_long_warm_up_gives_signs_of_life_and_holds_no_job(monkeypatch):
    factories.GenerationFactory()
    seen = []

    def slow(progress):
        for done in range(3):
            Heartbeat.objects.update(beat_at="2020-01-01T00:00Z")
            progress(done, 3)
            seen.append((queue.silence() < 5, Generation.objects.exclude(claimed_by="").exists()))

    monkeypatch.setattr(matching, "warm_up", slow)
    worker.worker_spawned()
    assert seen == [(True, False)] * 3


@pytest.mark.django_db
def test_a_worker_that_cannot_warm_up_works_cold(monkeypatch, caplog):
    def broken(_progress):
        raise OSError("no room for the cache")

    monkeypatch.setattr(matching, "warm_up", broken)
    with caplog.at_level(logging.ERROR):
        worker.worker_spawned()
    assert "could not warm up" in caplog.text
