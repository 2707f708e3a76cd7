"""django-q2's ORM broker, woken by commits.

The database rows remain the queue, and polling remains the safety net. A wake-up only ends the wait
early, so a lost one loses no job. With SQLite, the enqueuing process signals the Unix sockets of
this machine's clusters. PostgreSQL notifies all machines.
"""

import contextlib
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from time import sleep

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django_q.brokers.orm import ORM

logger = logging.getLogger(__name__)

CHANNEL = "soundscapes_wake_up"
SHORT_POLL = 0.2  # seconds, where there are no wake-ups


def socket_directory() -> Path:
    return Path(settings.DATA_DIR) / "wake-up"


def own_key(list_key: str) -> str:
    return f"{list_key}@{socket.gethostname()}"


def signal() -> None:
    """Wake this machine's clusters and delete the sockets of dead ones."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for path in socket_directory().glob("*.sock"):
            try:
                sender.sendto(b"!", str(path))
            except (ConnectionRefusedError, FileNotFoundError):
                path.unlink(missing_ok=True)
            except BlockingIOError:
                continue  # a cluster with a full buffer wakes up anyway


class SocketListener:
    """Receive this machine's wake-ups; created in the dequeuing process on its first wait.

    Raises OSError if no socket can be bound, for example because the path is too long.
    """

    def __init__(self) -> None:
        directory = socket_directory()
        directory.mkdir(mode=0o700, exist_ok=True)
        self._path = directory / f"{os.getpid()}.sock"
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))

    def wait(self, seconds: float) -> bool:
        """Wait up to `seconds` and return whether a wake-up came."""
        self._socket.settimeout(seconds)
        try:
            self._socket.recv(1)
        except TimeoutError:
            return False
        self._discard_more()
        return True

    def _discard_more(self) -> None:
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(1)


class DatabaseListener:
    """Receive PostgreSQL notifications on a connection of its own."""

    def __init__(self) -> None:
        self._database = connection.copy()

    def wait(self, seconds: float) -> bool:
        """Wait up to `seconds` and return whether a wake-up came.

        Return at once after connecting, because what came before went unheard.
        """
        import psycopg  # takes 9 MB of every process, also on SQLite

        try:
            if self._has_connected():
                return False
            heard = self._database.connection
            if not any(heard.notifies(timeout=seconds, stop_after=1)):
                return False
            list(heard.notifies(timeout=0))  # discard duplicates
        except (OperationalError, psycopg.OperationalError):
            self._database.close()  # the next wait tries to connect again
            sleep(seconds)
            return False
        return True

    def _has_connected(self) -> bool:
        if self._database.connection is not None:
            return False
        with self._database.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        return True


def _listen() -> Callable[[float], bool | None]:
    """Return a function that waits for a wake-up, or sleeps if none can be received."""
    if connection.vendor == "postgresql":
        return DatabaseListener().wait
    try:
        return SocketListener().wait
    except OSError as error:
        logger.warning("No wake-ups (%s); polling the queue instead", error)
        return lambda seconds: sleep(min(seconds, SHORT_POLL))


def _signal_on_commit() -> None:
    if connection.vendor != "postgresql":
        transaction.on_commit(signal, robust=True)
        return
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")  # PostgreSQL sends it once, at the commit


class WakeUpBroker(ORM):
    """Oldest task first, claimed by a conditional UPDATE as in django-q2's ORM broker."""

    _wait: Callable[[float], bool | None] | None = None

    def enqueue(self, task: str) -> int:
        key: int = super().enqueue(task)  # type: ignore[no-untyped-call]
        _signal_on_commit()
        return key

    def dequeue(self) -> list[tuple[int, str]] | None:
        self._wait = self._wait or _listen()  # before it looks, so that it misses nothing
        task = self._take_oldest()
        if task is None:
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
