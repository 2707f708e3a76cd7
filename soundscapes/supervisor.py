"""The web server and the cluster as two children, started, watched and stopped.

Each child gets a session of its own: a terminal's Ctrl-C goes to the whole foreground group, and
a signal to the cluster's group, rather than to its main process, makes it hang for ever. Stopping
sends one SIGTERM to each main process; what is left after a grace period is killed, and the jobs
it held are taken over at the next start.
"""

from __future__ import annotations

import http.client
import logging
import os
import signal
import socket
import subprocess  # nosec B404  # for our own commands
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Thread
from time import monotonic, sleep

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

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

    def restart(self) -> None:
        self.kill_group()
        self.start()

    def age(self) -> float:
        """Seconds since its start."""
        return monotonic() - self.started

    def kill_group(self) -> None:
        """Everything the child has started, whether it has ended itself or not."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()


class WebWatch:
    """Asks the web server whether it lives, from a thread of its own: an answer may take long."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self.answered = monotonic()

    def start(self) -> None:
        Thread(target=self._run, daemon=True).start()

    def silence(self) -> float:
        """Seconds since the last answer."""
        return monotonic() - self.answered

    def _run(self) -> None:
        while True:
            if self._is_answered():
                self.answered = monotonic()
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
    """How long the cluster has been silent, whatever the time of day is set to meanwhile."""

    def __init__(self) -> None:
        self._sign: datetime | None = None
        self._heard = monotonic()

    def silence(self) -> float:
        """Seconds since a new sign of life was seen; while nobody can look, none is missed.

        After half of what is allowed, the cluster is asked for one. What a dead worker held is
        queued again here, too: a worker looks for it only at its start and with every beat.
        """
        try:
            jobs.release_orphans()
            sign = jobs.latest_sign()
            if sign != self._sign:
                self._sign, self._heard = sign, monotonic()
            elif monotonic() - self._heard > settings.CLUSTER_SILENCE / 2:
                jobs.ask_for_beat()
        except DatabaseError as error:
            logger.warning("Cannot listen to the queue cluster: %s", error)
            self._heard = monotonic()
        finally:
            connection.close()
        return monotonic() - self._heard


class Supervisor:
    """Runs until SIGINT or SIGTERM."""

    def __init__(self, host: str, port: int, say: Callable[[str], object]) -> None:
        self._address = (host, port)
        self._say = say
        self._stopping = False
        self._listened = monotonic()
        self._web_watch = WebWatch(host, port)
        self._cluster_watch = ClusterWatch()
        self._web = Child("web server", _gunicorn(host, port))
        self._cluster = Child("queue cluster", [sys.executable, "manage.py", "qcluster"])
        self._children = (self._web, self._cluster)

    def run(self, url: str) -> None:
        """Start both, keep both running, and stop both when told to."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        try:
            self._cluster_watch.silence()  # what it sees now is no sign of the cluster to come
            for child in self._children:
                child.start()
            if self._wait_for_web():
                self._say(f"\nSoundscapes is at {url} (Ctrl-C stops it)\n")
            self._web_watch.start()
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
            if child.has_ended() and child.age() > RESTART_PAUSE:
                logger.error("The %s has ended; it is started again", child.name)
                child.restart()
        if monotonic() - self._listened > settings.CLUSTER_SILENCE / 4:
            self._listened = monotonic()
            self._listen_to_cluster()
        self._listen_to_web()

    def _listen_to_cluster(self) -> None:
        """A cluster can freeze with a healthy log: a killed worker may hold the queue's lock."""
        silence = self._cluster_watch.silence()
        if _is_frozen(self._cluster, silence, settings.CLUSTER_SILENCE):
            logger.error("The queue cluster gives no sign of life; it is started again")
            self._cluster.restart()

    def _listen_to_web(self) -> None:
        """A web server can be there and not answer: all its threads may wait for each other."""
        if _is_frozen(self._web, self._web_watch.silence(), settings.WEB_SILENCE):
            logger.error("The web server does not answer; it is started again")
            self._web.restart()

    def _end(self) -> None:
        deadline = monotonic() + GRACE
        for child in self._children:
            child.terminate()
        while monotonic() < deadline and not all(child.has_ended() for child in self._children):
            sleep(0.05)
        for child in self._children:
            child.kill_group()


def _is_frozen(child: Child, silence: float, allowed: float) -> bool:
    """Before its first sign of life it loads what it needs, which takes longer."""
    age = child.age()
    return min(silence, age) > allowed * (1 if silence < age else STARTING_TAKES)


def _gunicorn(host: str, port: int) -> list[str]:
    options = ["--config=config/gunicorn.py", f"--bind={host}:{port}"]
    return [sys.executable, "-m", "gunicorn", "config.wsgi", *options]
