"""A PostgreSQL server for one test, if PostgreSQL is installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

from tests.components import require
from tests.live.server import free_port


def _programs() -> Path:
    """Return the folder with initdb and psql, which Debian does not put on the PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    programs = next((folder for folder in folders if (folder / "initdb").exists()), None)
    require(programs, "PostgreSQL is not installed (Debian: apt install postgresql)")
    assert programs is not None
    return programs


def _as_nobody() -> dict[str, object]:
    """Return options for another user, because PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL that can be stopped and started."""

    control: list[str | Path]
    options: list[str | Path]
    user: dict[str, object]
    url: str

    def start(self) -> None:
        self._run(*self.options, "start")

    def stop(self) -> None:
        """Stop at once, as in a power failure."""
        self._run("-m", "immediate", "stop")

    def _run(self, *arguments: str | Path) -> None:
        folder = Path(self.control[2]).parent
        subprocess.run([*self.control, *arguments], check=True, cwd=folder, **self.user)


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Run a server with an empty database."""
    programs = _programs()
    port, user = free_port(), _as_nobody()
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        for path in (Path(folder), data):
            if user:
                os.chown(path, int(str(user["user"])), int(str(user["group"])))
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "-N"],
            check=True,
            capture_output=True,
            cwd=folder,
            **user,
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        options += " -c max_connections=300"
        server = Postgres(
            control=[programs / "pg_ctl", "-D", data, "-w", "-s"],
            options=["-l", Path(folder) / "log", "-o", options],
            user=user,
            url=f"postgres://test@127.0.0.1:{port}/postgres",
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server with an empty database; yield its DATABASE_URL."""
    with postgres_server() as server:
        yield server.url


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """Create an empty database on a running server and drop it afterwards; yield its URL."""
    name = f"own_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def dump(url: str, file: Path) -> None:
    """Write the whole content of a database to a file."""
    subprocess.run([_programs() / "pg_dump", "-f", file, url], check=True)


def restore(file: Path, url: str) -> None:
    """Restore a dump into an empty database."""
    command = [_programs() / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-f", file, url]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
