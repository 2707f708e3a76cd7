"""Slow preparations, done once for all processes of a run and kept for later runs.

Stored in the data folder of tests/settings.py.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from filelock import FileLock

from soundscapes.engine.sound.bank import build_bank

PROJECT = Path(__file__).resolve().parents[1]
KEPT = PROJECT / "var" / "tests"
ENCODE = """
import socket, sys, pathlib
def refuse(*args, **kwargs): raise OSError('no network in this test')
socket.socket.connect = socket.getaddrinfo = refuse
from soundscapes.engine.matching.offline.offline_encoder import OfflineEncoder
encoder = OfflineEncoder(pathlib.Path(sys.argv[1]))
from PIL import Image
encoder.encode_photos([Image.new('RGB', (64, 64))])
encoder.encode_texts(['rain'])
"""


def bank() -> Path:
    """Return the synthesised bank, rebuilt if the version of its recipes changes."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with FileLock(KEPT / "bank.lock"):
        current = {clip.path for clip in build_bank(KEPT / "bank")}
        for path in set((KEPT / "bank").glob("*.wav")) - current:
            path.unlink()  # of an older version, so an orphan wherever this bank is copied
    return KEPT / "bank"


def rows() -> Path:
    """Return SQLite's database after all migrations, made again when one of them changes."""
    made, part = KEPT / f"rows-{_migrations()}.sqlite3", KEPT / "rows.part"
    KEPT.mkdir(parents=True, exist_ok=True)
    with FileLock(KEPT / "rows.lock"):
        if not made.exists():
            for old in (part, *KEPT.glob("rows-*.sqlite3")):
                old.unlink(missing_ok=True)
            _migrate(f"sqlite:///{part}")
            part.rename(made)
    return made


def template(server: str) -> str:
    """Return the name of a PostgreSQL database after all migrations, made once on every server."""
    made = f"migrated_{_migrations()}"
    KEPT.mkdir(parents=True, exist_ok=True)
    with FileLock(KEPT / "rows.lock"), psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [made]).rowcount:
            connection.execute("DROP DATABASE IF EXISTS migrated_part")
            connection.execute("CREATE DATABASE migrated_part")
            _migrate(urlsplit(server)._replace(path="/migrated_part").geturl())
            connection.execute(f"ALTER DATABASE migrated_part RENAME TO {made}")
    return made


def _migrations() -> str:
    """Return a digest of all migrations."""
    sources = [PROJECT / "requirements.lock", *sorted(PROJECT.glob("soundscapes/migrations/*.py"))]
    sources += sorted(PROJECT.glob("tests/*/migrations/*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


def _migrate(database: str) -> None:
    env = os.environ | {"DATABASE_URL": database}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=PROJECT, env=env, check=True)


@dataclass(frozen=True)
class FirstEncoding:
    """The result of a process that started without caches or network and with an empty home."""

    cache: Path
    home: Path
    result: tuple[int, str, str]  # exit status, output and errors


def first_encoding(folder: Path) -> FirstEncoding:
    """Encode in `folder`, and keep the caches for later runs if there are none yet."""
    outcome = folder / "outcome.json"
    folder.mkdir(exist_ok=True)
    first = FirstEncoding(folder / "cache", folder / "home", (0, "", ""))
    with FileLock(folder / "lock"):
        if not outcome.exists():
            first.cache.mkdir()
            first.home.mkdir()
            result = _encode(first)
            if result[0] == 0 and not has_encoders():
                keep(first.cache, "encoders")
            outcome.write_text(json.dumps(result))
    return FirstEncoding(first.cache, first.home, tuple(json.loads(outcome.read_text())))


def _encode(first: FirstEncoding) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", ENCODE, str(first.cache)],
        cwd=PROJECT,
        env={**os.environ, "HOME": str(first.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def has_encoders() -> bool:
    return (KEPT / "encoders" / "labels").exists()


def keep(folder: Path, name: str) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder, KEPT / name, copy_function=_copy_whole, dirs_exist_ok=True)


def _copy_whole(source: str, target: str) -> None:
    """Copy if different, atomically for tests in other processes."""
    if not (Path(target).exists() and filecmp.cmp(source, target)):
        part = KEPT / uuid.uuid4().hex
        shutil.copy2(source, part)
        part.replace(target)
