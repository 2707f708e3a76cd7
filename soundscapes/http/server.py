"""The web server: gunicorn manages the processes, waitress handles HTTP in them.

In each process one event loop waits for slow clients, so that they occupy no threads. It reads the
whole request before a thread handles it, and sends a file after the thread has finished. Endless
responses (streaming.py) are sent at their own pace.
"""

from __future__ import annotations

import gc
import math
import resource
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic, time
from typing import Any

from django.db import close_old_connections
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import Error, RequestEntityTooLarge

from soundscapes.http.streaming import HAND_OVER, MOST, EndlessResponse, Pace, Source

# Like Apache's mod_reqtimeout: a body may take longer if it keeps arriving.
HEADER_SECONDS = 20
BODY_SECONDS = 20
BODY_RATE = 500  # bytes per second
# Longer than browsers and proxies keep idle connections: if the server closed one first, a request
# sent at that moment would fail. It also ends downloads that nobody reads.
IDLE_SECONDS = 75
STALLED_SECONDS = 10  # for which a thread waits for a client that reads nothing

HEALTH_CHECK = "/healthz"

MAX_CONNECTIONS = 8000  # per process
FILES_PER_CONNECTION = 3  # the socket, the body of the request, the file being sent
MAX_HEADER = 16 * 2**10
# Larger than the application's limits, which have better error messages (http/middleware.py).
MAX_BODY = 100 * 2**20
MAX_ADMIN_BODY = 2**30 + 2**20  # administrators upload whole folders
MAX_SPOOLED = 4 * 2**30  # bytes in temporary files, for all slow clients together

TURN = 2**19  # bytes that the event loop reads and sends for one client before it turns to others
PIECE = 2**16

INTERVAL = 0.5  # seconds between checks of the connections and of the signal to stop

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Request(HTTPRequestParser):
    """A request with a size limit that depends on its path."""

    path = ""
    error: Error | None = None

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        limit = MAX_ADMIN_BODY if self.path.startswith("/admin/") else MAX_BODY
        if self.error is None and max(self.content_length, self.body_bytes_received) > limit:
            self.error = RequestEntityTooLarge(f"A request can have at most {limit // 2**20} MB.")
            self.completed, self.expect_continue = True, False
        return consumed


class Task(WSGITask):
    """A request whose response may be endless."""

    _source: Source | None = None

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        return environ | {HAND_OVER: self._hand_over}

    def _hand_over(self, source: Source) -> None:
        self.version = "1.0"  # ends with the connection: players of radio read no chunks
        self._source = source

    def finish(self) -> None:
        """Finish the response, or its headers if the event loop sends the rest."""
        super().finish()
        if self._source is not None:
            self.channel.pace = Pace(self._source, self.channel.server.run_soon)


@dataclass(frozen=True, slots=True)
class _Call:
    """A function as the task of a thread."""

    function: Callable[[], None]

    def service(self) -> None:
        try:
            self.function()
        finally:
            close_old_connections()

    def defer(self) -> None:
        """Do nothing: nobody waits for it."""

    def cancel(self) -> None:
        """Do nothing when the server stops."""


class Connection(HTTPChannel):
    parser_class = Request
    task_class = Task
    request: Request | None
    began = 0.0  # when the first byte of the request in progress arrived
    pace: Pace | None = None  # of an endless response
    _allowance: float = math.inf  # bytes that may be sent in this turn

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sendbuf_len = PIECE

    def service(self) -> None:
        super().service()
        if self.pace is not None:
            self.close_when_flushed = False

    def readable(self) -> bool:
        return self.pace is None and bool(super().readable())

    def writable(self) -> bool:
        if self.pace is not None:
            return bool(self.total_outbufs_len or self.will_close)
        return bool(super().writable())

    def handle_write(self) -> None:
        self._allowance = TURN
        if self.pace is None:
            super().handle_write()
        elif self.will_close or self._flush_exception(self._flush_some)[1]:
            self.handle_close()
        self._allowance = math.inf

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send as much as the client accepts now, or nothing once its turn is over."""
        if self._allowance <= 0:
            return 0
        sent: int = super().send(data, do_close=do_close)
        self._allowance -= sent
        return sent

    def handle_close(self) -> None:
        super().handle_close()
        pace, self.pace = self.pace, None
        if pace is not None:
            pace.close()

    def feed(self) -> None:
        """Queue what is due of an endless response, unless the client lags behind."""
        if self.pace is None or not self.connected or self.total_outbufs_len > MOST:
            return
        self.write_soon(self.pace.read(monotonic()))
        if self.pace.has_ended and not self.total_outbufs_len:
            self.handle_close()

    def received(self, data: bytes) -> None:
        if self.request is None:
            self.began = time()
        super().received(data)

    def is_overdue(self, now: float) -> bool:
        """Return whether a request arrives too slowly or the connection is idle."""
        if self.request is None:
            return bool(not self.requests and now - self.last_activity > IDLE_SECONDS)
        seconds = now - self.began
        if not self.request.headers_finished:
            return seconds > HEADER_SECONDS
        return bool(seconds > BODY_SECONDS + self.request.body_bytes_received / BODY_RATE)

    def spooled(self) -> int:
        """Return the bytes of requests and responses in temporary files for this client."""
        received = 0 if self.request is None else int(self.request.body_bytes_received)
        return received + sum(
            len(each) for each in self.outbufs if isinstance(each, OverflowableBuffer)
        )

    def holds_a_thread(self) -> bool:
        """Return whether a streamed response waits for this client to continue reading."""
        return bool(self.requests) and self.total_outbufs_len > self.adj.outbuf_high_watermark


class Server(TcpWSGIServer):
    channel_class = Connection
    checks: ThreadedTaskDispatcher

    def add_task(self, task: Connection) -> None:
        """Queue a request; health checks have their own thread, as a silent server is killed."""
        is_check = task.requests[0].path == HEALTH_CHECK
        (self.checks if is_check else self.task_dispatcher).add_task(task)

    def run_soon(self, function: Callable[[], None]) -> None:
        self.task_dispatcher.add_task(_Call(function))

    def maintenance(self, _now: float) -> None:
        """Do nothing: waitress would only close connections whose client still reads."""

    def tidy(self) -> None:
        """Close idle and slow connections, and the largest ones if resources run out."""
        connections: list[Connection] = list(self.active_channels.values())
        for each in connections:
            each.feed()
        now = time()
        overdue = [each for each in connections if each.is_overdue(now)]
        for connection in {
            *overdue,
            *self._beyond_number(connections),
            *self._beyond_threads(connections, now),
            *self._beyond_files(connections),
        }:
            connection.handle_close()

    def _beyond_number(self, connections: list[Connection]) -> list[Connection]:
        """Keep a tenth of the connections free, so that the next client can always connect."""
        excess = max(0, len(connections) - self.adj.connection_limit * 9 // 10)
        waiting = [each for each in connections if not each.requests]
        return sorted(waiting, key=_last_activity)[:excess]

    def _beyond_threads(self, connections: list[Connection], now: float) -> list[Connection]:
        """Let at most half of the threads wait for clients, and none for a stalled client."""
        waiting = [each for each in connections if each.holds_a_thread()]
        excess = max(0, len(waiting) - self.adj.threads // 2)
        stalled = [each for each in waiting if now - each.last_activity > STALLED_SECONDS]
        return sorted(waiting, key=_last_activity)[:excess] + stalled

    def _beyond_files(self, connections: list[Connection]) -> list[Connection]:
        found = []
        total = sum(each.spooled() for each in connections)
        for connection in sorted(connections, key=Connection.spooled, reverse=True):
            if total <= MAX_SPOOLED:
                break
            found.append(connection)
            total -= connection.spooled()
        return found

    def is_answering(self) -> bool:
        return any(
            each.requests or (each.total_outbufs_len and each.pace is None)
            for each in self.active_channels.values()
        )


def _last_activity(connection: Connection) -> float:
    return float(connection.last_activity)


class WebWorker(Worker):
    """A process of the web server: an event loop and the threads that handle requests."""

    def run(self) -> None:
        connections = _allow_files(FILES_PER_CONNECTION * MAX_CONNECTIONS) // FILES_PER_CONNECTION
        sockets: dict[int, wasyncore.dispatcher] = {}
        threads, checks = _threads(self.cfg.threads), _threads(1)
        servers = [
            Server(
                _collecting(_handing_over(self.wsgi)),
                map=sockets,
                dispatcher=threads,
                _sock=listener.sock,
                bind_socket=False,
                sockinfo=(listener.sock.family, listener.sock.type, 0, listener.getsockname()),
                connection_limit=connections,
                asyncore_use_poll=True,  # select() sees no more than 1,024 files
                outbuf_high_watermark=64 * 2**20,  # beyond it, a thread waits
                recv_bytes=64 * 2**10,
                max_request_header_size=MAX_HEADER,
                max_request_body_size=sys.maxsize,  # Request has a limit for each path
                clear_untrusted_proxy_headers=False,  # SOUNDSCAPES_PROXIES defines the trust
                ident=None,
                log_socket_errors=False,
            )
            for listener in self.sockets
        ]
        for server in servers:
            server.checks = checks
        tidied = monotonic()
        while self.alive:
            self.notify()
            wasyncore.loop(timeout=INTERVAL, use_poll=True, map=sockets, count=1)
            if monotonic() > tidied + INTERVAL:
                tidied = monotonic()
                for server in servers:
                    server.tidy()
        for server in servers:
            server.accepting = False
        deadline = monotonic() + self.cfg.graceful_timeout
        while monotonic() < deadline and any(server.is_answering() for server in servers):
            wasyncore.loop(timeout=INTERVAL, use_poll=True, map=sockets, count=1)


def _threads(number: int) -> ThreadedTaskDispatcher:
    threads = ThreadedTaskDispatcher()
    threads.queue_logger.disabled = True  # it logs a line for each waiting request
    threads.set_thread_count(number)
    return threads


def _allow_files(number: int) -> int:
    """Let this process open `number` files, or as many as possible; return the number."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY:
        number = min(number, most)
    if now == resource.RLIM_INFINITY or now >= number:
        return number
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, most))
    return number


def _handing_over(application: Application) -> Application:
    """Leave what endless responses contain to the event loop."""

    def handle(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = application(environ, start_response)
        if not isinstance(response, EndlessResponse):
            return response
        environ[HAND_OVER](response.source)
        response.close()
        return []

    return handle


def _collecting(application: Application) -> Application:
    """Free images in reference cycles after an upload, before they accumulate."""

    def handle(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        finally:
            if environ["REQUEST_METHOD"] == "POST":
                gc.collect()

    return handle
