"""The application as `make run` starts it, in separate folders."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import IO

import psutil
import psycopg
import requests

PROJECT = Path(__file__).resolve().parents[2]
STARTING_TAKES = 60.0


def until(condition: Callable[[], object], seconds: float, what: str) -> object:
    """Poll until the condition holds; return its value."""
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        if value := condition():
            return value
        sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds:.0f} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A running application."""

    process: subprocess.Popen[str]
    url: str
    env: dict[str, str]
    log_start: int = 0
    started: float = field(default_factory=monotonic)

    @property
    def data(self) -> Path:
        return Path(self.env["SOUNDSCAPES_DATA"])

    @property
    def media(self) -> Path:
        return Path(self.env["MEDIA_ROOT"])

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def cluster(self) -> psutil.Process:
        """Return its main process; its only child is the sentinel, the parent of all others."""
        return self._child("qcluster")

    def web(self) -> psutil.Process:
        return self._child("gunicorn")

    def _child(self, word: str) -> psutil.Process:
        def found() -> psutil.Process | None:
            for child in psutil.Process(self.process.pid).children():
                with suppress(psutil.Error):  # it may die meanwhile
                    if word in child.cmdline():
                        return child
            return None

        child = until(found, STARTING_TAKES, f"a process of {word}")
        assert isinstance(child, psutil.Process)
        return child

    @contextmanager
    def without_workers(self) -> Iterator[None]:
        """Suspend the workers, for less time than makes them count as silent."""
        processes = self.cluster().children(recursive=True)
        until(lambda: self.suspended(processes), 30, "a moment in which none of them writes")
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def suspended(self, processes: list[psutil.Process]) -> bool:
        """Suspend processes, unless they hold SQLite's lock, for which requests would wait."""
        for process in processes:
            process.suspend()
        if self.env.get("DATABASE_URL"):
            return True
        connection = sqlite3.connect(self.data / "db.sqlite3", timeout=1)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            for process in processes:
                process.resume()
            return False
        finally:
            connection.close()
        return True

    def query(self, statement: str, *values: object) -> list[tuple]:
        """Read the server's database from outside; `?` is a placeholder for a value."""
        if url := self.env.get("DATABASE_URL"):
            with psycopg.connect(url) as rows:
                return rows.execute(statement.replace("?", "%s"), values).fetchall()
        connection = sqlite3.connect(f"file:{self.data / 'db.sqlite3'}?mode=ro", uri=True)
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def wait_for_worker(self) -> None:
        """Wait until a worker is warm, as its heartbeat shows."""
        until(self._has_worker, STARTING_TAKES, "the cluster")

    def _has_worker(self) -> bool:
        parts = requests.get(f"{self.url}/readyz", timeout=30).json()["parts"]
        seconds = re.search(r"was (\d+) s ago", parts["workers"]["words"])
        return seconds is not None and int(seconds[1]) <= monotonic() - self.started

    def log(self) -> str:
        """Return the output since its start."""
        with (self.data / "server.log").open() as file:
            file.seek(self.log_start)
            return file.read()


def environment(data: Path, media: Path) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.live.settings",
        "SOUNDSCAPES_DATA": str(data),
        "MEDIA_ROOT": str(media),
        "SOUNDSCAPES_ENCODER": "offline",
        "SOUNDSCAPES_DISK_RESERVE": "0",
        "SOUNDSCAPES_NEW_ACCOUNT_DAYS": "0",
        "SOUNDSCAPES_QUOTA_SIGN_UP": "100000/hour",
        "SOUNDSCAPES_QUOTA_SIGN_UPS": "100000/hour",
        "PYTHONUNBUFFERED": "1",
    }


def manage(env: dict[str, str], *arguments: str, seconds: float = 600) -> str:
    """Run a management command as a user would; return its output."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=env,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _start(env: dict[str, str], port: int, output: IO[str], command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", command, f"--port={port}"],
        cwd=PROJECT,
        env=env,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def running(env: dict[str, str], command: str = "start") -> Iterator[Server]:
    """Serve the application until the block ends."""
    port = free_port()
    log = Path(env["SOUNDSCAPES_DATA"]) / "server.log"
    with log.open("a") as output:
        log_start = output.tell()
        process = _start(env, port, output, command)
    server = Server(process, f"http://localhost:{port}", env, log_start)
    try:
        until(lambda: _answers(server), STARTING_TAKES, "the first response")
        yield server
    finally:
        print(server.log(), file=sys.stderr)  # pytest shows it for failed tests
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(30)


def _answers(server: Server) -> bool:
    assert server.process.poll() is None, "the server has exited"
    try:
        return requests.get(server.url, timeout=STARTING_TAKES).ok
    except requests.ConnectionError:
        return False


class Person(requests.Session):
    """A user who signs up like a browser does: with forms, cookies, CSRF tokens."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server
        self.name = f"person-{uuid.uuid4().hex[:8]}"
        self.password = "sounds-of-the-sea"
        self.submit(
            "/account/signup/",
            username=self.name,
            password1=self.password,
            password2=self.password,
        )

    def submit(self, path: str, files: dict | None = None, **fields: object) -> requests.Response:
        """Fill in and submit a page's form; pages without one use the token of the studio."""
        token = self.csrf_token(path if self._has_form(path) else "/")
        response = self.post(
            self.server.url + path,
            data=fields | {"csrfmiddlewaretoken": token},
            files=files,
            timeout=60,
        )
        assert response.ok, response.text
        return response

    def csrf_token(self, path: str = "/") -> str:
        """Return the CSRF token of a page with a form."""
        page = self.get(self.server.url + path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, page.text
        return token[1]

    @staticmethod
    def _has_form(path: str) -> bool:
        return path.startswith("/account/")

    def make_soundscape(self, photo: bytes, **options: object) -> str:
        """Request a soundscape in the studio; return its id."""
        response = self.submit(
            "/soundscapes/new/", files={"image": ("photo.jpg", photo)}, **options
        )
        return response.url.rstrip("/").rpartition("/")[2]

    def status(self, generation: str) -> dict:
        response = self.get(f"{self.server.url}/api/v1/generations/{generation}/", timeout=30)
        assert response.ok, response.text
        return dict(response.json())

    def wait_until(self, generation: str, *states: str, seconds: float = 90) -> dict:
        def reached() -> dict | None:
            sleep(0.1)  # polling faster would use up the read quota
            status = self.status(generation)
            return status if status["state"] in states else None

        return dict(until(reached, seconds, f"state {' or '.join(states)}"))
