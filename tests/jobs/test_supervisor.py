"""Detection of a silent cluster and a silent web server by `manage.py start`."""

import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ

from soundscapes.jobs import heartbeat, queue, supervisor
from soundscapes.jobs.wake_up import WakeUpBroker
from soundscapes.models import Heartbeat
from tests import factories
from tests.queue import waiting

SIGN = ("soundscapes.jobs.heartbeat.give_sign",)


@pytest.fixture
def clock(monkeypatch):
    """Control the supervisor's monotonic clock."""
    time = [1000.0]
    monkeypatch.setattr(supervisor, "monotonic", lambda: time[0])

    def passes(seconds: float) -> None:
        time[0] += seconds

    return passes


@pytest.fixture
def watch(db, clock):
    watch = supervisor.ClusterWatch()
    watch.silence()
    return watch


def beat(at=None, host=None) -> None:
    Heartbeat.objects.update_or_create(
        host=host or socket.gethostname(), defaults={"beat_at": at or timezone.now()}
    )


@pytest.mark.django_db(transaction=True)
def test_silence_counts_from_the_latest_new_heartbeat(watch, clock):
    clock(20)
    assert watch.silence() == 20
    beat()
    assert watch.silence() == 0
    clock(7)
    assert watch.silence() == 7


@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_counts_as_new_after_the_clock_was_set_back(watch, clock):
    beat(timezone.now() + timedelta(hours=1))
    watch.silence()
    clock(10)
    beat(timezone.now())
    assert watch.silence() == 0


@pytest.mark.django_db(transaction=True)
def test_a_quiet_cluster_is_asked_for_a_heartbeat(watch, clock, settings):
    clock(settings.CLUSTER_SILENCE / 2)
    watch.silence()
    assert waiting() == []
    clock(1)
    watch.silence()
    assert waiting() == [SIGN]
    watch.silence()
    assert waiting() == [SIGN]  # once, until it is taken
    OrmQ.objects.update(lock=timezone.now() + timedelta(minutes=5))  # taken, then it froze
    watch.silence()
    assert waiting() == [SIGN, SIGN]


@pytest.mark.django_db(transaction=True)
def test_only_the_asked_machine_answers(watch, clock, settings, monkeypatch):
    clock(settings.CLUSTER_SILENCE)
    watch.silence()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(socket, "gethostname", lambda: "another-machine")
        assert WakeUpBroker(list_key="soundscapes").dequeue() is None
    ((key, _payload),) = WakeUpBroker(list_key="soundscapes").dequeue()
    assert key == OrmQ.objects.get().pk
    heartbeat.give_sign()
    assert watch.silence() == 0


@pytest.mark.django_db(transaction=True)
def test_heartbeats_of_another_machine_do_not_hide_silence(watch, clock):
    clock(20)
    beat(host="another-machine")
    assert watch.silence() == 20


@pytest.mark.django_db(transaction=True)
def test_a_database_outage_does_not_count_as_silence(watch, clock):
    def away(*_args):
        raise OperationalError("connection refused")

    clock(100)
    with connection.execute_wrapper(away):
        assert watch.silence() == 0
    clock(5)
    assert watch.silence() == 5


@pytest.mark.django_db(transaction=True)
def test_a_database_lock_counts_as_silence(watch, clock, tmp_path):
    def locked(*_args):
        with (
            closing(sqlite3.connect(tmp_path / "rows")) as frozen,
            closing(sqlite3.connect(tmp_path / "rows", timeout=0)) as other,
        ):
            frozen.execute("BEGIN EXCLUSIVE")
            try:
                other.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise OperationalError(*error.args) from error

    clock(100)
    with connection.execute_wrapper(locked):
        assert watch.silence() == 100


@pytest.mark.django_db(transaction=True)
def test_the_watch_wakes_a_worker_for_orphaned_jobs(watch):
    factories.GenerationFactory()
    watch.silence()
    assert waiting() == [(queue.TASK,)]


class Answers(BaseHTTPRequestHandler):
    """Respond with 200 to /healthz, or with the configured status."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Log nothing."""


@pytest.fixture
def web() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


def test_a_responding_web_server_is_not_silent(web):
    assert supervisor.WebWatch(*web.server_address)._is_answered()


def test_a_failing_or_hanging_web_server_is_silent(web, monkeypatch, settings):
    watch = supervisor.WebWatch(*web.server_address)
    monkeypatch.setattr(Answers, "status", 500)
    assert not watch._is_answered()
    settings.WEB_SILENCE = 0.4
    monkeypatch.setattr(Answers, "do_GET", lambda _handler: threading.Event().wait(0.5))
    assert not watch._is_answered()


@pytest.mark.parametrize(
    ("silence", "age", "is_frozen"),
    [
        (59, 1000, False),
        (61, 1000, True),
        (1000, 170, False),  # no heartbeat since its start: it may still be loading
        (1000, 181, True),
        (70, 3, False),  # the silence of the process before it
    ],
)
def test_a_starting_child_may_be_silent_longer(clock, silence, age, is_frozen):
    watch = SimpleNamespace(silence=lambda: silence)
    child = supervisor.Child("child", [], watch, silence_allowed=60, listen_interval=15)
    child.started = supervisor.monotonic() - age
    assert child.is_frozen() is is_frozen
    assert not child.is_frozen()  # asked again within the interval
