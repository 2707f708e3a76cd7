"""Supervisor of the web server and the queue cluster.

Each child has its own session, because Ctrl-C reaches the whole foreground group, and a signal to
the cluster's group makes it hang. Stopping sends one SIGTERM to each main process. After a grace
period the rest is killed, and its jobs are recovered at the next start.
"""

from __future__ import annotations

import http.client
import logging
import os
import signal
import socket
import subprocess  # nosec B404  # for our own commands
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Thread
from time import monotonic, sleep

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from soundscapes.jobs import heartbeat, queue
from soundscapes.jobs.server_errors import is_locked
from soundscapes.models import Heartbeat

logger = logging.getLogger(__name__)

GRACE = 5.0  # seconds between SIGTERM and SIGKILL
CHECK_INTERVAL = 0.2
STARTING_INTERVAL = 0.05
STARTING_FACTOR = 3  # how much longer a child may be silent while it starts
NICENESS = 10  # of workers: pages come first on machines with few cores
RESTART_PAUSE = 2.0  # seconds, so that a child that cannot start does not restart in a tight loop


@dataclass
class Child:
    """A supervised process with its descendants and its watch."""

    name: str
    command: list[str]
    watch: WebWatch | ClusterWatch | Unwatched
    silence_allowed: float = 1.0
    listen_interval: float = CHECK_INTERVAL
    niceness: int = 0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    listened: float = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  # nosec B603  # our own commands
            self.command, cwd=settings.BASE_DIR, start_new_session=True
        )
        os.setpriority(os.PRIO_PROCESS, self.process.pid, self.niceness)
        self.started = self.listened = monotonic()

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def is_frozen(self) -> bool:
        """Check from time to time whether the child has been silent for too long."""
        now = monotonic()
        if now - self.listened < self.listen_interval:
            return False
        self.listened = now
        silence, age = self.watch.silence(), self.age()
        patience = 1 if silence < age else STARTING_FACTOR
        return min(silence, age) > self.silence_allowed * patience

    def terminate(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def restart(self) -> None:
        self.kill_group()
        self.start()

    def age(self) -> float:
        """Return the seconds since the start."""
        return monotonic() - self.started

    def kill_group(self) -> None:
        """Kill the child and all its descendants, even if the child itself has ended."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()


class WebWatch:
    """Poll the web server from a separate thread, because a response may take long."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._answered = monotonic()
        self._thread = Thread(target=self._ask, daemon=True)

    def silence(self) -> float:
        """Return the seconds since the last response; the first call starts polling."""
        if not self._thread.is_alive():
            self._thread.start()
        return monotonic() - self._answered

    def _ask(self) -> None:
        while True:
            if self._is_answered():
                self._answered = monotonic()
            sleep(settings.WEB_SILENCE / 12)

    def _is_answered(self) -> bool:
        asked = http.client.HTTPConnection(*self._address, timeout=settings.WEB_SILENCE / 4)
        try:
            asked.request("GET", "/healthz")
            return asked.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()


class ClusterWatch:
    """Measure the cluster's silence independently of the system clock."""

    def __init__(self) -> None:
        self._sign: datetime | None = None
        self._heard = monotonic()

    def silence(self) -> float:
        """Return the seconds since the last heartbeat, not counting a database outage.

        Also queue jobs of dead workers again, because workers do so only at start and at
        heartbeats. At half the limit, ask for a heartbeat. An SQLite lock counts as silence: a
        frozen cluster may hold it.
        """
        try:
            queue.recover()
            sign = Heartbeat.objects.beat_of_this_host()
            if sign != self._sign:
                self._sign, self._heard = sign, monotonic()
            elif monotonic() - self._heard > settings.CLUSTER_SILENCE / 2:
                heartbeat.ask_this_host()
        except DatabaseError as error:
            logger.warning("Cannot read the heartbeat of the queue cluster: %s", error)
            if not is_locked(error):
                self._heard = monotonic()
        finally:
            connection.close()
        return monotonic() - self._heard


class Unwatched:
    """Never silent: in development, a debugger may stop a process."""

    def silence(self) -> float:
        return 0.0


def web_server(host: str, port: int) -> Child:
    """Return the web server, watched because its threads can deadlock."""
    options = ["--config=config/gunicorn.py", f"--bind={host}:{port}"]
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", *options]
    allowed = settings.WEB_SILENCE
    return Child("web server", command, WebWatch(host, port), allowed, CHECK_INTERVAL)


def queue_cluster() -> Child:
    """Return the cluster, watched because a killed worker can leave its queue locked."""
    command = [sys.executable, "manage.py", "qcluster"]
    allowed = settings.CLUSTER_SILENCE
    return Child("queue cluster", command, ClusterWatch(), allowed, allowed / 4, NICENESS)


class Supervisor:
    def __init__(self, children: Sequence[Child]) -> None:
        self._children = children
        self._stopping = False

    def run(self, is_up: Callable[[], bool], say: Callable[[], object]) -> None:
        """Start all children, call `say` once `is_up`, restart them, and stop them on a signal."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        try:
            for child in self._children:
                child.watch.silence()  # an earlier process's heartbeat must not count
                child.start()
            while not self._stopping and not is_up():
                self._check()
                sleep(STARTING_INTERVAL)
            if not self._stopping:
                say()
            while not self._stopping:
                self._check()
                sleep(CHECK_INTERVAL)
        finally:
            self._end()

    def _stop(self, *_signal: object) -> None:
        self._stopping = True

    def _check(self) -> None:
        for child in self._children:
            if child.has_ended() and child.age() > RESTART_PAUSE:
                logger.error("The %s has exited; restarting it", child.name)
                child.restart()
            elif child.is_frozen():
                logger.error("The %s is not responding; restarting it", child.name)
                child.restart()

    def _end(self) -> None:
        deadline = monotonic() + GRACE
        for child in self._children:
            child.terminate()
        while monotonic() < deadline and not all(child.has_ended() for child in self._children):
            sleep(0.05)
        for child in self._children:
            child.kill_group()


def is_listening(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0
