"""Faults of the running application: processes die, disks fill up and servers vanish.

Afterwards each soundscape must be ready exactly once, or failed with a message and a retry that
works.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from time import monotonic, sleep

import psutil

from tests.live.postgres import Postgres
from tests.live.server import until
from tests.live.sites import BALLAST, PATIENCE, Site, set_clock
from tests.sample_files import photo

LONG = 120  # seconds of audio, which take a few seconds to make
OUTAGE = 10.0


def kills(site: Site, times: int = 6, generations: int = 12) -> None:
    """Kill a worker, the cluster or the web server while soundscapes are being made."""
    ways: list[Callable[[Site], None]] = [_kill_worker, _kill_cluster, _kill_web]
    struck: list[datetime] = []
    before = len(site.asked)
    for number in range(times):
        while len(site.asked) < before + generations * (number + 1) / times:
            site.ask(20)
        sleep(site.random.uniform(0.1, 1.5))
        way = ways[number] if number < len(ways) else site.random.choices(ways, [6, 2, 2])[0]
        if way is _kill_web:
            _kill_web_in_an_upload(site, number)
        else:
            struck.append(datetime.now(UTC))
            with suppress(psutil.NoSuchProcess):  # it died of the previous kill
                way(site)
    site.settle(PATIENCE + 2 * generations)
    site.figures.recoveries += _until_the_next(site, struck)


def _until_the_next(site: Site, moments: list[datetime]) -> list[float]:
    """Return the seconds from each moment to the next finished soundscape, if there was one."""
    found = site.server.query("SELECT finished_at FROM soundscapes_generation ORDER BY finished_at")
    ends = [_moment(end) for (end,) in found if end is not None]
    after = ((moment, [end for end in ends if end > moment]) for moment in moments)
    return [(later[0] - moment).total_seconds() for moment, later in after if later]


def _moment(value: datetime | str) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _kill_worker(site: Site) -> None:
    """Kill a busy worker if there is one, otherwise any process of the sentinel."""
    claims = site.generations("claimed_by", "claimed_by <> ''").values()
    busy = [int(claim.split("/")[1]) for (claim,) in claims]
    sentinels = site.server.cluster().children()
    others = [child.pid for each in sentinels for child in each.children()]
    pids = (busy if site.random.random() < 0.7 else []) or others
    if pids:
        try:
            os.kill(site.random.choice(pids), signal.SIGKILL)
        except ProcessLookupError:
            return


def _kill_cluster(site: Site) -> None:
    main = site.server.cluster()
    for process in [*main.children(recursive=True), main]:
        _kill(process)


def _kill_web(site: Site) -> None:
    main = site.server.web()
    for process in [main, *main.children(recursive=True)]:
        _kill(process)


def _kill_web_in_an_upload(site: Site, number: int) -> None:
    """Kill the web server during an upload, which the program repeats until it is answered."""
    with ThreadPoolExecutor(1) as pool:
        upload = pool.submit(site.upload, 1000 + number)
        sleep(site.random.uniform(0, 0.1))
        begun = monotonic()
        _kill_web(site)
        upload.result()
    site.figures.recoveries.append(monotonic() - begun)


def frozen_web(site: Site) -> None:
    """The web server's processes exist but do not respond."""
    site.ask()
    main = site.server.web()
    frozen = [main, *main.children(recursive=True)]
    for process in frozen:
        process.suspend()
    _recovered(site, lambda: site.request("GET", "/"))


def disk_full_while_rendering(site: Site) -> None:
    """Space for only a part of the audio."""
    with ExitStack() as full:
        with _no_worker(site):
            generation = site.ask(30)  # while there is space for it
            full.enter_context(full_disk(site, left=1))
        assert "disk is full" in _failed(site, generation)
    _retried(site, generation)


def disk_full_while_uploading(site: Site) -> None:
    _until_tidy(site)
    with full_disk(site, 0):
        response = site.request("POST", "/api/v1/images/", files={"image": photo(7)})
        assert response is not None
        assert response.status_code == 503, response.text
        assert "disk is nearly full" in response.json()["detail"]
    assert site.upload(7).status_code == 202


@contextmanager
def _no_worker(site: Site) -> Iterator[None]:
    """Suspend the workers, for less time than makes them count as silent."""
    _until_tidy(site)
    with site.server.without_workers():
        yield


def _until_tidy(site: Site) -> None:
    """Wait until no worker is about to delete temporary files."""
    scratch_folders = site.server.media.glob
    until(lambda: not list(scratch_folders(".render-*")), PATIENCE, "the end of the cleanup")


@contextmanager
def full_disk(site: Site, left: int) -> Iterator[None]:
    """Fill the disk except for `left` megabytes."""
    ballast = site.server.media / BALLAST
    with ballast.open("wb") as file:
        free = shutil.disk_usage(site.server.media).free
        os.posix_fallocate(file.fileno(), 0, free - left * 2**20)
    try:
        yield
    finally:
        ballast.unlink()


def _failed(site: Site, generation: str) -> str:
    """Wait until it has failed; return the message."""
    until(lambda: site.state(generation) == "failed", PATIENCE, "the failure")
    return str(site.generations("error")[generation][0])


def clips_gone(site: Site) -> None:
    """Hide the bank's files until one soundscape has failed."""
    bank, aside = site.server.media / "bank", site.server.data / "bank-aside"
    shutil.move(bank, aside)
    try:
        generation = site.ask()
        assert "is missing" in _failed(site, generation)
    finally:
        shutil.move(aside, bank)
    _retried(site, generation)


def _retried(site: Site, generation: str) -> None:
    """Retry after the cause of the failure is gone; the soundscape must be made."""
    site.retry(generation)
    site.figures.failed += 1
    _recovered(site, lambda: site.state(generation) == "ready")


def database_gone(site: Site) -> None:
    """Take the database away for ten seconds: PostgreSQL stops at once; SQLite is locked."""
    for _ in range(4):
        site.ask(60)
    until(lambda: site.generations("state", "claimed_by <> ''"), PATIENCE, "jobs in progress")
    with _outage(site):
        sleep(OUTAGE / 2)
        response = site.request("GET", "/healthz")
        assert response is not None
        assert response.status_code == 200
        sleep(OUTAGE / 2)
    _recovered(site, lambda: not site.unfinished())


def _outage(site: Site) -> AbstractContextManager[None]:
    return _locked(site) if site.postgres is None else _stopped(site.postgres)


@contextmanager
def _stopped(postgres: Postgres) -> Iterator[None]:
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


@contextmanager
def _locked(site: Site) -> Iterator[None]:
    connection = sqlite3.connect(site.server.data / "db.sqlite3", timeout=30)
    connection.isolation_level = None
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def deadly_work(site: Site) -> None:
    """Kill every worker that takes one job; the jobs of other workers continue."""
    deadly, other = site.ask(LONG), site.ask(10)
    killed: set[str] = set()

    def is_over() -> bool:
        state, claim = site.generations("state, claimed_by")[deadly]
        if claim and claim not in killed:
            killed.add(claim)
            os.kill(int(claim.split("/")[1]), signal.SIGKILL)
        return state == "failed"

    until(is_over, PATIENCE, "the end of the kills")
    assert "The worker crashed each time" in site.generations("error")[deadly][0]
    until(lambda: site.state(other) == "ready", PATIENCE, "the end of the other job")


def clock_set_back(site: Site) -> None:
    """Set the clock back by an hour while soundscapes are being made, and kill a worker."""
    site.ask(LONG)
    until(lambda: site.generations("state", "claimed_by <> ''"), PATIENCE, "jobs in progress")
    site.ask(10)
    set_clock(site, -3600)
    _kill_worker(site)
    site.ask(10)
    _recovered(site, lambda: not site.unfinished())
    set_clock(site, 0)


def _recovered(site: Site, condition: Callable[[], object]) -> None:
    begun = monotonic()
    until(condition, PATIENCE, "the recovery")
    site.figures.recoveries.append(monotonic() - begun)


FAULTS = (
    kills,
    deadly_work,
    clips_gone,
    database_gone,
    clock_set_back,
    frozen_web,
    disk_full_while_rendering,
    disk_full_while_uploading,
)
NEEDING_A_DISK = (disk_full_while_rendering, disk_full_while_uploading)
