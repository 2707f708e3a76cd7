"""The web server and the cluster as two children, started, watched and stopped.

Each child gets a session of its own: a terminal's Ctrl-C goes to the whole foreground group, and
a signal to the cluster's group, rather than to its main process, makes it hang for ever. Stopping
sends one SIGTERM to each main process; what is left after a grace period is killed, and the jobs
it held are taken over at the next start.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess  # nosec B404  # for our own commands
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep

from django.conf import settings
from django.db import OperationalError, connection

from soundscapes.services import jobs

logger = logging.getLogger(__name__)

GRACE = 5.0  # seconds between SIGTERM and SIGKILL
CHECK_INTERVAL = 0.2
STARTING_TAKES = 3  # times the silence that is allowed later
RESTART_PAUSE = 2.0  # so that a child that cannot start does not spin


@dataclass
class Child:
    """One supervised process and its descendants."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  # nosec B603  # our own commands
            self.command, cwd=settings.BASE_DIR, start_new_session=True
        )
        self.started = monotonic()

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def terminate(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill_group(self) -> None:
        """Everything the child has started, whether it has ended itself or not."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()


class Supervisor:
    """Runs until SIGINT or SIGTERM."""

    def __init__(self, host: str, port: int, say: Callable[[str], object]) -> None:
        self._address = (host, port)
        self._say = say
        self._stopping = False
        self._listened = monotonic()
        self._web = Child("web server", _gunicorn(host, port))
        self._cluster = Child("queue cluster", [sys.executable, "manage.py", "qcluster"])
        self._children = (self._web, self._cluster)

    def run(self, url: str) -> None:
        """Start both, keep both running, and stop both when told to."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        try:
            for child in self._children:
                child.start()
            if self._wait_for_web():
                self._say(f"\nSoundscapes is at {url} (Ctrl-C stops it)\n")
            while not self._stopping:
                self._check()
                sleep(CHECK_INTERVAL)
        finally:
            self._end()

    def _stop(self, *_signal: object) -> None:
        self._stopping = True

    def _wait_for_web(self) -> bool:
        while not self._stopping and not self._web.has_ended():
            with socket.socket() as probe:
                if probe.connect_ex(self._address) == 0:
                    return True
            sleep(0.05)
        return False

    def _check(self) -> None:
        for child in self._children:
            if child.has_ended() and monotonic() - child.started > RESTART_PAUSE:
                logger.error("The %s has ended; it is started again", child.name)
                child.kill_group()
                child.start()
        if monotonic() - self._listened > settings.CLUSTER_SILENCE / 4:
            self._listened = monotonic()
            self._listen()

    def _listen(self) -> None:
        """A cluster can freeze with a healthy log: a killed worker may hold the queue's lock.

        When it has been quiet it is asked for a sign of life, and restarted when none comes.
        """
        age = monotonic() - self._cluster.started
        try:
            silence = jobs.silence()
            if silence > settings.CLUSTER_SILENCE / 2:
                jobs.ask_for_beat()
        except OperationalError as error:
            logger.warning("Cannot listen to the queue cluster: %s", error)
            return
        finally:
            connection.close()
        # Before its first sign of life it loads the encoder, which takes longer.
        patience = settings.CLUSTER_SILENCE * (1 if silence < age else STARTING_TAKES)
        if min(silence, age) > patience:
            logger.error("The queue cluster gives no sign of life; it is started again")
            self._cluster.kill_group()
            self._cluster.start()

    def _end(self) -> None:
        deadline = monotonic() + GRACE
        for child in self._children:
            child.terminate()
        while monotonic() < deadline and not all(child.has_ended() for child in self._children):
            sleep(0.05)
        for child in self._children:
            child.kill_group()


def _gunicorn(host: str, port: int) -> list[str]:
    """Threads, because the documented endpoints wait for the worker.

    Connections are kept: closing the last one makes SQLite write its log back, every time.
    """
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "config.wsgi",
        f"--bind={host}:{port}",
        "--workers=2",
        "--threads=8",
        "--env=CONN_MAX_AGE=60",
        "--limit-request-line=8190",
        "--graceful-timeout=3",
        "--log-level=warning",
    ]
