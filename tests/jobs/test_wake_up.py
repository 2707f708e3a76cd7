"""Wake-ups of the cluster, which only end its wait early."""

import pytest
from django.db import connection, transaction
from django_q.brokers import get_broker
from django_q.models import OrmQ

from soundscapes.jobs import queue, wake_up

pytestmark = pytest.mark.usefixtures("own_data")

LONG = 60.0  # seconds, so that a test would notice an endless wait
SHORT = 0.05


def test_a_wake_up_ends_the_wait():
    listener = wake_up.SocketListener()
    assert not listener.wait(SHORT)
    wake_up.signal()
    assert listener.wait(LONG)


def test_many_wake_ups_end_one_wait():
    listener = wake_up.SocketListener()
    for _ in range(500):  # more than a socket holds, but sending never blocks
        wake_up.signal()
    assert listener.wait(LONG)
    assert not listener.wait(SHORT)


def test_a_wake_up_without_listeners_deletes_dead_sockets():
    wake_up.signal()
    listener = wake_up.SocketListener()
    listener._socket.close()
    assert list(wake_up.socket_directory().iterdir())
    wake_up.signal()
    assert not list(wake_up.socket_directory().iterdir())


@pytest.mark.django_db
def test_the_queue_is_polled_without_a_socket(settings, tmp_path, monkeypatch):
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL wakes workers by itself")
    settings.DATA_DIR = tmp_path / ("long" * 40)
    settings.DATA_DIR.mkdir()
    slept = []
    monkeypatch.setattr(wake_up, "sleep", slept.append)
    wake_up._listen()(60.0)
    assert slept == [wake_up.SHORT_POLL]


@pytest.mark.django_db(transaction=True)
def test_a_wake_up_is_sent_at_the_commit():
    """SQLite's wake-ups reach this machine; PostgreSQL sends its own."""
    wait = wake_up._listen()
    wait(0.01)
    with transaction.atomic():
        queue.wake_up()
        assert not wait(SHORT)
    assert wait(LONG)
    assert not wait(SHORT)


@pytest.mark.django_db(transaction=True)
def test_a_listener_survives_a_broken_connection():
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
    queue.wake_up()
    assert listener.wait(LONG)


@pytest.mark.django_db
def test_the_oldest_task_is_taken_first_and_only_once(settings):
    settings.QUEUE_POLL = 0.01
    for _ in range(2):
        queue.wake_up()
    keys = list(OrmQ.objects.order_by("pk").values_list("pk", flat=True))
    first, second = wake_up.WakeUpBroker(), wake_up.WakeUpBroker()
    taken = [broker.dequeue() for broker in (first, second, first)]
    assert [task[0][0] if task else None for task in taken] == [*keys, None]


@pytest.mark.django_db
def test_the_queue_is_read_by_its_index():
    names = connection.introspection.get_constraints(connection.cursor(), OrmQ._meta.db_table)
    assert ["key", "lock"] in [row["columns"] for row in names.values() if row["index"]]
    assert isinstance(get_broker(), wake_up.WakeUpBroker)
