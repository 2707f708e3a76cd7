"""Several machines: clusters with separate folders share PostgreSQL, Redis and a bucket."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.components import require
from tests.kept import KEPT
from tests.live.server import PROJECT, Person, environment, manage, running, until
from tests.object_stores import names_in

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.timeout(1200)]

MACHINES = 3
JOBS = 9
LONG = 200  # of audio: long enough to see workers side by side and to kill one in the middle
ASK = """
import json
from soundscapes.models import Generation, Image, User
from soundscapes.generations import generations
user, _ = User.objects.get_or_create(username="machines")
image = Image.objects.preloaded().order_by("pk").first()
asked = [
    generations.create_generation(user, image, duration={seconds}, seed=seed)
    for seed in range({count})
]
print(json.dumps([str(generation.pk) for generation in asked]))
"""
END_LEASES = """
UPDATE soundscapes_generation SET leased_until = now()
WHERE leased_until IS NOT NULL AND split_part(claimed_by, '/', 2)::int = ANY(%s)
"""
STATES = "SELECT state, attempts, audio, claimed_by FROM soundscapes_generation WHERE id = ANY(%s)"


@dataclass
class Place:
    """The services that all machines share, accessed from outside."""

    env: dict[str, str]

    def rows(self, keys: list[str]) -> list[tuple[str, int, str, str]]:
        with psycopg.connect(self.env["DATABASE_URL"]) as connection:
            return connection.execute(STATES, [keys]).fetchall()

    def ask(self, count: int, seconds: int) -> list[str]:
        script = ASK.format(count=count, seconds=seconds)
        return json.loads(manage(self.env, "shell", "-v0", "-c", script))

    def at_work(self, keys: list[str]) -> set[str]:
        """Return the workers that hold one of the jobs: host, pid and start time of each."""
        return {claim.rpartition("/")[0] for *_, claim in self.rows(keys) if claim}

    def is_at_work(self, machine: subprocess.Popen[bytes], keys: list[str]) -> bool:
        workers = {int(worker.split("/")[1]) for worker in self.at_work(keys)}
        return bool(workers & {each.pid for each in descendants(machine)})

    def end_leases(self, workers: list[int]) -> None:
        """Expire the leases, as a minute after the workers' death."""
        with psycopg.connect(self.env["DATABASE_URL"]) as connection:
            assert connection.execute(END_LEASES, [workers]).rowcount == 1

    def unfinished(self, keys: list[str]) -> int:
        return sum(state not in ("ready", "failed") for state, *_ in self.rows(keys))


@pytest.fixture
def place(elsewhere) -> Place:
    return Place(elsewhere | {"SOUNDSCAPES_WORKERS": "1", "SOUNDSCAPES_QUOTA_UPLOAD": "3/hour"})


def _host(number: int) -> list[str]:
    """Return a prefix that runs a command under another host name, if permitted."""
    if subprocess.run(["unshare", "--uts", "true"], capture_output=True, check=False).returncode:
        return []
    script = f'hostname machine-{number}; exec "$@"'
    return ["unshare", "--uts", "sh", "-c", script, "sh"]


@contextmanager
def cluster(place: Place, folder: Path, number: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the queue's cluster of another machine, which shares only the environment."""
    data, media = folder / f"data-{number}", folder / f"media-{number}"
    shutil.copytree(KEPT / "encoders", data / "encoders")
    env = place.env | {
        name: value
        for name, value in environment(data, media).items()
        if name in ("SOUNDSCAPES_DATA", "MEDIA_ROOT")
    }
    with (folder / f"log-{number}").open("wb") as log:
        process = subprocess.Popen(
            [*_host(number), sys.executable, "manage.py", "start", "--without-web"],
            cwd=PROJECT,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        kill(process)
        print((folder / f"log-{number}").read_text(), file=sys.stderr)


def descendants(machine: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(machine.pid).children(recursive=True)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill everything, as in a power failure."""
    if process.poll() is None:
        supervisor = psutil.Process(process.pid)
        supervisor.suspend()  # otherwise it would restart its children
        for each in [*descendants(process), supervisor]:
            with suppress(psutil.NoSuchProcess):
                each.kill()
    process.wait()


def watch(place: Place, keys: list[str]) -> list[set[str]]:
    """Wait until all jobs are done; return the workers at work at each moment."""
    moments: list[set[str]] = []

    def done() -> bool:
        moments.append(place.at_work(keys))
        return not place.unfinished(keys)

    until(done, 400, "the last job")
    return moments


def give_work_to(machine: subprocess.Popen[bytes], place: Place) -> list[str]:
    """Request long soundscapes until this machine is frozen with one; return the requested ones.

    An idle machine takes the next job, so on a busy computer this machine may miss all of them.
    """
    asked: list[str] = []

    def is_given() -> bool:
        if not place.unfinished(asked):
            asked.extend(place.ask(MACHINES, LONG))
        if not place.is_at_work(machine, asked):
            return False
        processes = descendants(machine)
        for each in processes:
            each.suspend()
        if place.is_at_work(machine, asked):  # it has not finished in the meantime
            return True
        for each in processes:
            each.resume()
        return False

    until(is_given, 120, "a job for one machine")
    return asked


def test_three_clusters_share_the_jobs_and_one_may_die(place, tmp_path):
    with (
        cluster(place, tmp_path, 1),
        cluster(place, tmp_path, 2) as second,
        cluster(place, tmp_path, 3),
    ):
        warm: set[str] = set()
        while len(warm) < MACHINES:
            warm |= set().union(*watch(place, place.ask(MACHINES, LONG)))
        shared = place.ask(JOBS, LONG)
        moments = watch(place, shared)

        struck = give_work_to(second, place)
        workers = [each.pid for each in descendants(second)]
        kill(second)
        place.end_leases(workers)
        watch(place, struck)

    assert max(len(workers) for workers in moments) == MACHINES, "they worked one after the other"
    assert [row[:2] for row in place.rows(shared)] == [("ready", 1)] * JOBS
    rows = place.rows(struck)
    assert {state for state, *_ in rows} == {"ready"}
    assert max(attempts for _, attempts, *_ in rows) == 2
    stored = names_in(place.env)
    for _state, _attempts, audio, _claim in rows:
        folder = audio.rpartition("/")[0]
        assert audio in stored
        assert len([name for name in stored if name.startswith(folder)]) == 1


def test_a_frozen_cluster_is_detected_despite_other_machines(place, tmp_path):
    require(_host(1), "this user may not start a process under another host name")
    place.env |= {"SOUNDSCAPES_CLUSTER_SILENCE": "15"}  # during a job, the beat is every 10 s
    with cluster(place, tmp_path, 1) as frozen, cluster(place, tmp_path, 2):
        seen: set[str] = set()
        while len(seen) < 2:
            seen |= set().union(*watch(place, place.ask(2, LONG)))
        (main,) = psutil.Process(frozen.pid).children()
        (sentinel,) = main.children()
        for process in sentinel.children():  # its workers and helper processes
            process.suspend()
        asked = place.ask(4, 5)  # the other machine works, and its heartbeat shows it
        until(lambda: not main.is_running(), 60, "the end of the frozen cluster")
        watch(place, asked)
        assert {state for state, *_ in place.rows(asked)} == {"ready"}
        assert "is not responding; restarting" in (tmp_path / "log-1").read_text()
        assert "is not responding; restarting" not in (tmp_path / "log-2").read_text()


def test_the_whole_application_runs_on_the_configured_services(place, photo):
    with running(place.env) as server:
        person = Person(server)
        generation = person.make_soundscape(photo, duration=5)
        status = person.wait_until(generation, "ready", "failed")
        assert status["state"] == "ready", status["error"]
        part = person.get(status["audio_url"], headers={"Range": "bytes=8-11"}, timeout=30)
        assert (part.status_code, part.content) == (206, b"WAVE")
        page = person.get(f"{server.url}/soundscapes/{generation}/")
        assert page.ok
        token = person.csrf_token()
        responses = [
            person.post(
                f"{server.url}/api/v1/images/",
                files={"image": photo},
                headers={"X-CSRFToken": token},
                timeout=30,
            ).status_code
            for _ in range(4)
        ]  # counted in Redis by both web processes, including the one before
        assert responses == [202, 202, 429, 429]
    assert not list(server.media.glob("generations/*"))
    assert f"generations/{generation}/soundscape.flac" in names_in(place.env)
