"""The ORM broker of django-q2 with a doorbell: a commit wakes the cluster at once.

The rows in the database remain the queue, and polling remains the safety net; the bell only ends
the wait early. With SQLite, whoever enqueues sends a byte to the Unix datagram sockets of the
clusters on this machine; PostgreSQL rings itself, by NOTIFY, and is heard on all machines. A bell
that nobody hears loses nothing.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from time import sleep

import psycopg
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django_q.brokers.orm import ORM

logger = logging.getLogger(__name__)

CHANNEL = "soundscapes_doorbell"


def bell_directory() -> Path:
    """Where the clusters of this installation listen."""
    return Path(settings.DATA_DIR) / "doorbell"


def own_key(list_key: str) -> str:
    """The key of what is in a queue for the clusters of this machine alone."""
    return f"{list_key}@{socket.gethostname()}"


def ring() -> None:
    """Wake every cluster on this machine; sockets that nobody holds any more are swept away."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.setblocking(False)
        for path in bell_directory().glob("*.sock"):
            try:
                bell.sendto(b"!", str(path))
            except (ConnectionRefusedError, FileNotFoundError):
                path.unlink(missing_ok=True)
            except BlockingIOError:
                continue  # it has unheard rings enough


class SocketListener:
    """The cluster's ear on this machine: made in the process that dequeues, on its first wait.

    Raises OSError where no socket can be bound, for example because the path is too long.
    """

    def __init__(self) -> None:
        directory = bell_directory()
        directory.mkdir(mode=0o700, exist_ok=True)
        self._path = directory / f"{os.getpid()}.sock"
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))

    def wait(self, seconds: float) -> None:
        """Return at the next ring, or when the time is up."""
        self._socket.settimeout(seconds)
        with contextlib.suppress(TimeoutError):
            self._socket.recv(1)
            self._forget_further_rings()

    def _forget_further_rings(self) -> None:
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(1)


class DatabaseListener:
    """The cluster's ear on PostgreSQL, over a connection of its own."""

    def __init__(self) -> None:
        self._database = connection.copy()

    def wait(self, seconds: float) -> None:
        """Return at the next ring, or when the time is up."""
        try:
            self._listen()
            heard = self._database.connection
            if any(heard.notifies(timeout=seconds, stop_after=1)):
                list(heard.notifies(timeout=0))  # further ones say the same
        except (OperationalError, psycopg.OperationalError):
            self._database.close()  # the next wait tries to connect again
            sleep(seconds)

    def _listen(self) -> None:
        if self._database.connection is None:
            with self._database.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")


def _listen() -> Callable[[float], None]:
    """How to wait: at the doorbell, or by sleeping where there can be none."""
    if connection.vendor == "postgresql":
        return DatabaseListener().wait
    try:
        return SocketListener().wait
    except OSError as error:
        logger.warning("No doorbell (%s): the queue is polled instead", error)
        return sleep


def _ring_on_commit() -> None:
    if connection.vendor != "postgresql":
        transaction.on_commit(ring, robust=True)
        return
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")  # is sent with the commit, and once


class DoorbellBroker(ORM):
    """Oldest task first, claimed by a conditional UPDATE as in django-q2's own ORM broker."""

    _wait: Callable[[float], None] | None = None

    def enqueue(self, task: str) -> int:
        key: int = super().enqueue(task)  # type: ignore[no-untyped-call]
        _ring_on_commit()
        return key

    def dequeue(self) -> list[tuple[int, str]] | None:
        task = self._take_oldest()
        if task is None:
            self._wait = self._wait or _listen()
            self._wait(settings.QUEUE_POLL)
        return task

    def _take_oldest(self) -> list[tuple[int, str]] | None:
        keys = (self.list_key, own_key(self.list_key))
        waiting = self.get_connection().filter(key__in=keys, lock__lte=timezone.now())
        for task in waiting.order_by("pk")[:1]:
            mine = self.get_connection().filter(pk=task.pk, lock=task.lock)
            until = self.timeout(task)  # type: ignore[no-untyped-call]
            if mine.update(lock=until):
                return [(task.pk, task.payload)]
        return None
