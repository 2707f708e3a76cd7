"""A PostgreSQL of the test's own, where its programs are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import require
from tests.live.server import free_port


def _programs() -> Path | None:
    """The folder with initdb: Debian keeps it off the PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _as_nobody() -> dict[str, object]:
    """PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def postgres() -> Iterator[str]:
    """A running server with an empty database; its DATABASE_URL."""
    programs = _programs()
    require(programs, "PostgreSQL is not installed (Debian: apt install postgresql)")
    assert programs is not None
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
        control = [programs / "pg_ctl", "-D", data, "-w"]
        log = Path(folder) / "log"
        subprocess.run(
            [*control, "-l", log, "-o", options, "start"], check=True, cwd=folder, **user
        )
        try:
            yield f"postgres://test@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, cwd=folder, **user)
