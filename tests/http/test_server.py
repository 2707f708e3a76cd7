"""The web server with clients that are slow or send too much."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep

import pytest

from tests.live.server import PROJECT, free_port, until

pytestmark = pytest.mark.once

THREADS = 4
SLOW_FILE = 32 * 2**20
Start = Callable[..., "Web"]


class Web:
    """A process of the web server, and the connections opened by a test."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.opened: list[socket.socket] = []

    def connect(self, *parts: bytes) -> socket.socket:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(30)
        connection.connect(("127.0.0.1", self.port))
        self.opened.append(connection)
        for part in parts:
            connection.sendall(part)
        return connection

    def get(self, path: str = "/", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            asked.request("GET", path, headers=headers or {})
            answer = asked.getresponse()
            return answer.status, answer.read()
        finally:
            asked.close()

    def close(self) -> None:
        for connection in self.opened:
            connection.close()
        self.opened.clear()

    def answers(self) -> bool:
        try:
            return self.get() == (200, b"0")
        except ConnectionRefusedError:
            return False


@contextmanager
def running(**environment: object) -> Iterator[Web]:
    web = Web(free_port())
    command = [sys.executable, "-m", "gunicorn", "tests.http.plain_application"]
    command += ["--worker-class=soundscapes.http.server.WebWorker", f"--threads={THREADS}"]
    command += [f"--bind=127.0.0.1:{web.port}", "--log-level=warning", "--graceful-timeout=1"]
    env = os.environ | {name: str(value) for name, value in environment.items()}
    with subprocess.Popen(command, cwd=PROJECT, env=env) as process:
        try:
            until(web.answers, 30, "the first answer")
            yield web
        finally:
            web.close()
            process.terminate()


@pytest.fixture(scope="module")
def _patient() -> Iterator[Web]:
    with running() as web:
        yield web


@pytest.fixture
def patient(_patient) -> Iterator[Web]:
    """A server with the real deadlines."""
    yield _patient
    _patient.close()


@pytest.fixture(scope="module")
def hasty() -> Iterator[Web]:
    with running(DEADLINE=1) as web:
        yield web


def ended(connection: socket.socket) -> bool:
    """Read to the end; return False if the server keeps the connection open."""
    connection.settimeout(0.2)
    try:
        while connection.recv(2**16):
            pass
    except TimeoutError:
        return False
    except ConnectionResetError:
        pass
    return True


HALF_A_HEADER = b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "
HALF_A_BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc"


def test_slow_clients_do_not_block_others(patient):
    for _ in range(200):
        patient.connect(HALF_A_HEADER)
        patient.connect(HALF_A_BODY)
    for _ in range(50):
        patient.connect(b"GET /file HTTP/1.1\r\nHost: x\r\n\r\n")
    for _ in range(3 * THREADS):
        assert patient.answers()


def test_a_client_that_reads_fast_does_not_block_others(patient):
    """After its pause, the event loop reads the file, which takes a second."""
    with socket.create_connection(("127.0.0.1", patient.port), 30) as download:
        download.sendall(b"GET /slow-file HTTP/1.1\r\nHost: x\r\n\r\n")
        sleep(1)
        reader = Thread(target=drain, args=(download,))
        reader.start()
        sleep(0.1)
        assert patient.answers()
        assert reader.is_alive()
        reader.join()


def drain(download: socket.socket) -> None:
    left = SLOW_FILE
    while left > 0:
        left -= len(download.recv(2**20))


def test_unread_streams_do_not_block_others(patient):
    for _ in range(20):
        patient.connect(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
    for _ in range(3):
        assert patient.answers()


LISTENERS = 10 * THREADS
AHEAD = 20 * 2000  # bytes that a listener of /endless gets at once


def test_endless_responses_occupy_no_thread_and_end_with_their_listener(patient):
    request = b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n"
    listeners = [patient.connect(request) for _ in range(LISTENERS)]
    for listener in listeners:
        headers, sound = received(listener, AHEAD)
        assert headers.startswith(b"HTTP/1.0 200 OK")
        assert b"Transfer-Encoding" not in headers
        assert set(sound) == {0}
    for _ in range(3 * THREADS):
        assert patient.answers()
    received(listeners[0], 3000)  # it goes on
    for listener in listeners:
        listener.close()
    until(lambda: patient.get("/ended") == (200, b"%d" % LISTENERS), 30, "the end of all")


def received(listener: socket.socket, size: int) -> tuple[bytes, bytes]:
    """Read the headers, if they come, and so many bytes after them."""
    data = b""
    while len(data.rpartition(b"\r\n\r\n")[2]) < size:
        piece = listener.recv(4096)
        assert piece, "the connection was closed"
        data += piece
    headers, _blank, sound = data.rpartition(b"\r\n\r\n")
    return headers, sound


@pytest.mark.parametrize("part", [HALF_A_HEADER, HALF_A_BODY])
def test_a_request_that_trickles_too_slowly_is_ended(hasty, part):
    connection = hasty.connect(part)

    def is_ended() -> bool:
        try:
            connection.sendall(b"a")
        except ConnectionError:
            return True
        return ended(connection)

    until(is_ended, 30, "the end of the connection")


def test_an_idle_connection_may_last_longer_than_a_request(hasty):
    kept = http.client.HTTPConnection("127.0.0.1", hasty.port, timeout=30)
    kept.request("GET", "/")
    assert kept.getresponse().read() == b"0"
    first = kept.sock
    slow = hasty.connect(HALF_A_HEADER)
    until(lambda: ended(slow), 30, "the end of the slow one")
    kept.request("GET", "/")
    assert kept.getresponse().read() == b"0"
    assert kept.sock is first


def test_a_slow_body_is_accepted_while_it_keeps_arriving(hasty):
    pieces = 12
    connection = hasty.connect(
        b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n" % (pieces * 4096)
    )
    slow = hasty.connect(HALF_A_BODY)
    connection.sendall(bytes(4096) * (pieces - 1))
    until(lambda: ended(slow), 30, "the end of one that stands still")
    connection.sendall(bytes(4096))
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    assert answer.read() == str(pieces * 4096).encode()


def test_the_longest_idle_connections_are_closed_first():
    with running(MAX_CONNECTIONS=40) as web:
        first = web.connect(HALF_A_HEADER)
        for _ in range(60):
            web.connect(HALF_A_HEADER)
        assert web.answers()
        until(lambda: ended(first), 30, "the end of the first one")
        last = web.connect(HALF_A_HEADER)
        last.sendall(b"a\r\n\r\n")
        assert last.recv(12) == b"HTTP/1.1 200"


def test_temporary_files_of_slow_requests_are_limited():
    with running(MAX_SPOOLED=4 * 2**20) as web:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n"
        small = web.connect(head, bytes(2**20))
        large = web.connect(head, bytes(6 * 2**20))
        until(lambda: ended(large), 30, "the end of the largest")
        assert not ended(small)


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/", 101, 413), ("/admin/soundscapes/image/upload/", 101, 100), ("/admin/", 1100, 413)],
)
def test_a_too_large_request_is_refused_before_its_body(patient, path, size, status):
    """Administrators may send more. Status 100 asks for the body."""
    connection = patient.connect(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size * 2**20}\r\n"
        "Expect: 100-continue\r\n\r\n".encode()
    )
    answer = connection.recv(2**16)
    assert int(answer.split()[1]) == status
    if status == 413:
        assert b"Connection: close" in answer
        assert b"A request can have at most" in answer + connection.recv(2**16)


def test_a_body_of_unknown_length_is_limited(patient):
    connection = patient.connect(
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"100000\r\n" + bytes(2**20) + b"\r\n"
    with pytest.raises(ConnectionError):
        connection.sendall(chunk * 120)


def test_a_health_check_does_not_wait_for_other_requests(patient):
    """A hundred requests take five seconds. The check is answered before the last of them."""
    crowd = [patient.connect(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(100)]
    assert patient.get("/healthz") == (200, b"0")
    crowd[-1].settimeout(0)
    with pytest.raises(BlockingIOError):
        crowd[-1].recv(1)


def test_no_header_changes_the_path_of_the_application(patient):
    headers = {"SCRIPT_NAME": "/x", "Script-Name": "/x", "PATH_INFO": "/y"}
    assert patient.get("/prefix", headers) == (200, b"('', '/prefix')")
