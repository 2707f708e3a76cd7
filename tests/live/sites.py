"""A running application with a program that requests soundscapes from it and counts the results.

The program repeats requests that get no response. Rows and files are counted from outside: by SQL
and by listing the folder.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import requests
import soundfile

from tests.live.installations import Template, copy_of, installation
from tests.live.postgres import Postgres, postgres_server
from tests.live.server import Person, Server, manage, running, until
from tests.sample_files import photo

PATIENCE = 120.0  # seconds to wait for a response, or for the last job
DISK = 900  # MB
FILE_COLUMNS = (
    ("image", "file"),
    ("image", "thumbnail"),
    ("clip", "file"),
    ("generation", "audio"),
    ("layer", "stem"),
    ("rendition", "file"),
)
BALLAST = ".ballast"
NOT_MEDIA = frozenset({"bank/manifest.json", BALLAST})
UNFINISHED = "('queued', 'matching', 'rendering')"


MEND = """
from django.core.management import call_command
from soundscapes.operations import maintenance
maintenance.run()
call_command("integrity_check", "--repair", "--older-than=0")
"""
COUNTS = ("asked", "ready", "failed", "again", "lost", "twice", "errors")
COUNTS += ("mended", "orphans", "missing", "broken")


@dataclass
class Figures:
    """Counts of the requested soundscapes' outcomes and of their files."""

    asked: int = 0
    ready: int = 0
    failed: int = 0  # with a message, and ready after a retry
    again: int = 0  # ready at a second or third attempt
    lost: int = 0
    twice: int = 0
    errors: int = 0  # responses with status 500
    mended: int = 0  # by `manage.py integrity_check --repair`, before the files are counted
    orphans: int = 0  # files without a row
    missing: int = 0  # rows without their file
    broken: int = 0  # incomplete files
    recoveries: list[float] = field(default_factory=list)  # seconds

    def faults(self) -> dict[str, int]:
        """Return the counts that must be zero and are not."""
        names = ("lost", "twice", "errors", "orphans", "missing", "broken")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def row(self) -> str:
        """Return one line of the table below `HEADER`."""
        spans = self.recoveries or [0.0]
        cells = "".join(f"{getattr(self, name):8d}" for name in COUNTS)
        return f"{cells}{median(spans):9.1f}{max(spans):9.1f}"


HEADER = "".join(f"{name:>8}" for name in COUNTS) + " median s  worst s"


class Site:
    """A running application, and the program that requests soundscapes from it."""

    def __init__(self, server: Server, env: dict[str, str], postgres: Postgres | None) -> None:
        self.server = server
        self.env = env
        self.postgres = postgres
        self.random = random.Random(20)
        self.person = Person(server)
        self.figures = Figures()
        self.asked: list[str] = []
        self.counted = 0
        self.image = str(self.upload(0).json()["id"])
        self.settle()

    # Requests

    def request(self, method: str, path: str, **options: object) -> requests.Response | None:
        """Return a response, or None if nobody answered; count responses with status 500."""
        headers = {"X-CSRFToken": self.person.cookies["csrftoken"]} | options.pop("headers", {})
        try:
            response = self.person.request(
                method, self.server.url + path, headers=headers, timeout=30, **options
            )
        except requests.RequestException:
            return None
        self.figures.errors += response.status_code == 500
        return response

    def post(self, path: str, **options: object) -> requests.Response:
        """Repeat a request until it is answered; the key makes it idempotent."""
        key = {"Idempotency-Key": uuid.uuid4().hex}

        def answered() -> requests.Response | None:
            response = self.request("POST", path, headers=key, **options)
            return response if response is not None and response.status_code < 500 else None

        response = until(answered, PATIENCE, f"a response to {path}")
        assert isinstance(response, requests.Response)
        assert response.ok, response.text
        return response

    def upload(self, number: int) -> requests.Response:
        return self.post("/api/v1/images/", files={"image": photo(number)})

    def ask(self, seconds: int = 10) -> str:
        """Request one more soundscape; return its id."""
        seed = len(self.asked)
        body = {"image": self.image, "duration": seconds, "seed": seed}
        self.asked.append(str(self.post("/api/v1/generations/", json=body).json()["id"]))
        return self.asked[-1]

    def retry(self, generation: str) -> None:
        self.post(f"/soundscapes/{generation}/retry/")

    # Queries

    def generations(self, columns: str, where: str = "1 = 1") -> dict[str, tuple]:
        """Return columns of the soundscapes, by their id."""
        query = f"SELECT id, {columns} FROM soundscapes_generation WHERE {where}"  # noqa: S608
        found = self.server.query(query)
        return {str(uuid.UUID(str(row[0]))): row[1:] for row in found}

    def state(self, generation: str) -> str:
        return str(self.generations("state")[generation][0])

    def unfinished(self) -> int:
        tables = ("image", "generation", "rendition")
        each = "SELECT id FROM soundscapes_{} WHERE state IN {}"
        return sum(len(self.server.query(each.format(table, UNFINISHED))) for table in tables)

    def settle(self, seconds: float = PATIENCE) -> None:
        """Wait until no job is in progress."""
        until(lambda: not self.unfinished(), seconds, "the end of all jobs")

    # Counts

    def count(self) -> Figures:
        """Wait for jobs in progress, retry failed ones, and count results since the last call."""
        self.settle(PATIENCE + len(self.asked))
        figures, self.figures = self.figures, Figures()
        figures.failed += self._retry_failed()
        figures.mended = self._mended()
        found = self.generations("state, attempts")
        ends = [found.get(key, ("gone", 0)) for key in self.asked[self.counted :]]
        self.counted = len(self.asked)
        figures.asked = len(ends)
        figures.ready = sum(state == "ready" for state, _attempts in ends)
        figures.again = sum(state == "ready" and attempts > 1 for state, attempts in ends)
        figures.lost = figures.asked - figures.ready
        figures.twice = len(found.keys() - set(self.asked)) + self._surplus_sounds()
        self._count_files(figures)
        return figures

    def _mended(self) -> int:
        """Return the number of repairs that maintenance leaves to the integrity check."""
        output = manage(self.env, "shell", "-v0", "-c", MEND)
        found = re.search(r"Put right: (\d+)", output)
        return int(found[1]) if found else 0

    def _retry_failed(self) -> int:
        failed = self.generations("error", "state = 'failed'")
        for generation, (error,) in failed.items():
            assert error[:1].isupper(), error
            assert error.endswith("."), error
            self.retry(generation)
        self.settle(PATIENCE + 2 * len(failed))
        return len(failed)

    def _surplus_sounds(self) -> int:
        folders = (self.server.media / "generations").glob("*")
        return sum(max(0, len(list(folder.glob("soundscape*.flac"))) - 1) for folder in folders)

    def _count_files(self, figures: Figures) -> None:
        media = self.server.media
        files = {
            path.relative_to(media).as_posix()
            for path in media.rglob("*")
            if path.is_file() and path.parent.name != "locks"
        } - NOT_MEDIA
        named = {
            name
            for table, column in FILE_COLUMNS
            for (name,) in self.server.query(f"SELECT {column} FROM soundscapes_{table}")  # noqa: S608
            if name
        }
        half = {name for name in files if "/." in f"/{name}" or name.endswith(".part")}
        figures.orphans = len(files - named - half)
        figures.missing = len(named - files)
        figures.broken = len(half) + sum(not self._is_whole(*row) for row in self._sounds())

    def _sounds(self) -> list[tuple]:
        return list(self.generations("audio, duration", "state = 'ready'").values())

    def _is_whole(self, name: str, seconds: int) -> bool:
        path = self.server.media / name
        return not path.exists() or soundfile.info(path).duration == seconds


@contextmanager
def site(database: str, disk: int = DISK, template: Template | None = None) -> Iterator[Site]:
    """Run the application on "sqlite" or "postgresql", its media on a small disk if permitted.

    `disk` is in MB. A template of the same kind saves the setup.
    """
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server()) if database == "postgresql" else None
        quotas = ("READ", "UPLOAD", "GENERATE")
        settings = {f"SOUNDSCAPES_QUOTA_{kind}": "100000/minute" for kind in quotas}
        settings |= {"SOUNDSCAPES_CLUSTER_SILENCE": "15", "SOUNDSCAPES_WEB_SILENCE": "12"}
        settings |= {"DATABASE_URL": postgres.url} if postgres else {}
        installed = copy_of(template, settings) if template else installation(settings)
        env = stack.enter_context(installed)
        stack.enter_context(_small_disk(Path(env["MEDIA_ROOT"]), disk))
        server = stack.enter_context(running(env | _settable_clock(env)))
        server.wait_for_worker()
        yield Site(server, env, postgres)


@contextmanager
def _small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """Put the folder on its own disk, if mounting is permitted; unused space costs nothing."""
    kept = folder.with_name(f"{folder.name}-before")
    if not may_mount():
        yield
        return
    folder.rename(kept)
    folder.mkdir()
    size = f"size={megabytes}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def may_mount() -> bool:
    """Return whether a disk can be mounted, which takes a privilege that not every root has."""
    if os.geteuid() != 0:
        return False
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def _settable_clock(env: dict[str, str]) -> dict[str, str]:
    """Give the whole application a clock that `set_clock` sets."""
    file = Path(env["SOUNDSCAPES_DATA"]) / "clock"
    file.write_text("0")
    return {"DJANGO_SETTINGS_MODULE": "tests.live.clock_settings", "CLOCK_FILE": str(file)}


def set_clock(site: Site, seconds: int) -> None:
    file = site.server.data / "clock"
    part = file.with_suffix(".part")
    part.write_text(str(seconds))
    part.replace(file)  # at once: many processes read it all the time
