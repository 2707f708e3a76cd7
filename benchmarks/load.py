"""Fifty people at once, then four times the workers' capacity.

gunicorn with two workers and one cluster, as `make run` starts them. People sign up, upload, wait,
listen and browse. Measures errors, lost jobs, growth of memory, and page times compared with an
idle run. Then programs request four times as many soundscapes as were made: measures refusals,
page times meanwhile, and whether every accepted job finishes. Before all that, how many soundscapes
two workers make in a minute.

    python -m benchmarks.load [--seconds 600] [--people 50]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from threading import Event, Thread
from time import monotonic
from typing import Any

import psutil

from benchmarks import throughput
from tests.live.installations import installation
from tests.live.server import PROJECT, Server, manage, running, until

MB = 2**20
PROGRAMS = 32
QUEUE_LENGTH = 60
DRAINING = 900  # seconds
ENVIRONMENT = {
    "SOUNDSCAPES_QUEUE_LENGTH": str(QUEUE_LENGTH),
    "SOUNDSCAPES_QUEUE_PER_USER": str(QUEUE_LENGTH),
    "SOUNDSCAPES_QUOTA_READ": "1000000/minute",
    "SOUNDSCAPES_QUOTA_GENERATE": "1000000/minute",
    "SOUNDSCAPES_QUOTA_SIGN_IN": "1000000/minute",
}
PREPARE = """
from soundscapes.models import Image, User
from soundscapes.accounts import users
user = User.objects.create_user("load")
print(users.create_token(user, "load")[1], Image.objects.preloaded().first().pk)
"""
STATES = "SELECT state, count(*) FROM soundscapes_generation GROUP BY state"

Row = dict[str, Any]


@dataclass
class Memory:
    """The memory of the web server's and the cluster's processes, sampled during a run."""

    server: Server
    samples: dict[str, list[float]] = field(default_factory=lambda: {"web": [], "workers": []})
    _ended: Event = field(default_factory=Event)

    def __enter__(self) -> Memory:
        self._thread = Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(1):
            used = {"web": 0.0, "workers": 0.0}
            for process in self.server.descendants():
                try:
                    kind = "web" if "gunicorn" in " ".join(process.cmdline()) else "workers"
                    used[kind] += process.memory_full_info().uss / MB
                except psutil.NoSuchProcess:
                    continue
            for kind, megabytes in used.items():
                self.samples[kind].append(megabytes)

    def print_growth(self) -> None:
        """Print the growth from the third quarter to the last."""
        for kind, values in self.samples.items():
            quarter = max(1, len(values) // 4)
            third, last = values[-2 * quarter : -quarter] or values, values[-quarter:]
            growth = median(last) / median(third) - 1
            print(f"  memory of {kind:<8} {median(last):6.0f} MB, {growth:+.1%} over the last half")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--people", type=int, default=50)
    options = parser.parse_args(arguments)
    throughput.main([])
    with installation(ENVIRONMENT) as env, running(env) as server:
        server.wait_for_worker()
        token, image = manage(env, "shell", "-v0", "-c", PREPARE).split()
        print("pages, median and 95th percentile in ms; requests; errors")
        _print("one person", _locust(server, "Person", 1, max(20, options.seconds // 10)))
        with Memory(server) as memory:
            rows = _locust(server, "Person", options.people, options.seconds)
        _print(f"{options.people} people", rows)
        memory.print_growth()
        _print_errors(rows)
        made = _drained(server)
        print(f"  soundscapes: {made}; lost: {_lost(made)}")
        rate = _capacity(server, token, image)
        _overload(server, rate, {"LOAD_TOKEN": token, "LOAD_IMAGE": image}, options.seconds // 4)


def _locust(
    server: Server, who: str, count: int, seconds: int, extra: dict[str, str] | None = None
) -> list[Row]:
    """Return statistics of each kind of request."""
    command = [sys.executable, "-m", "locust", "-f", "benchmarks/load_people.py", who]
    command += ["--headless", "--json", "--only-summary", "--loglevel", "ERROR"]
    command += ["-u", str(count), "-r", str(max(1, count // 10)), "-t", f"{seconds}s"]
    command += ["--host", server.url, "--exit-code-on-error", "0"]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)} | (extra or {}),
        capture_output=True,
        text=True,
        check=True,
    )
    rows: list[Row] = json.loads(done.stdout)
    return rows


def _percentile(rows: Sequence[Row], share: float) -> float:
    """Return a percentile over several kinds of requests together, in ms."""
    counts: dict[float, int] = {}
    for row in rows:
        for time, count in row["response_times"].items():
            counts[float(time)] = counts.get(float(time), 0) + count
    left = share * sum(counts.values())
    for time in sorted(counts):
        left -= counts[time]
        if left <= 0:
            return time
    return 0.0


def _print(title: str, rows: Sequence[Row]) -> None:
    pages = [row for row in rows if row["name"].startswith("page")]
    errors = sum(row["num_failures"] for row in rows)
    requests = sum(row["num_requests"] for row in rows)
    middle, high = _percentile(pages, 0.5), _percentile(pages, 0.95)
    print(f"  {title:<12} {middle:6.0f} {high:6.0f} {requests:8d} {errors:5d}")


def _print_errors(rows: Sequence[Row]) -> None:
    for row in rows:
        if row["num_failures"]:
            print(f"  errors in “{row['name']}”: {row['num_failures']} of {row['num_requests']}")


def _states(server: Server) -> dict[str, int]:
    return dict(server.query(STATES))


def _unfinished(server: Server) -> int:
    states = _states(server)
    return sum(states.get(state, 0) for state in ("queued", "matching", "rendering"))


def _drained(server: Server) -> dict[str, int]:
    """Wait for the queue to empty and return the number of soundscapes in each state."""
    until(lambda: _unfinished(server) == 0, DRAINING, "the end of the queue")
    return _states(server)


def _lost(states: dict[str, int]) -> int:
    return sum(states.values()) - states.get("ready", 0)


def _capacity(server: Server, token: str, image: str) -> float:
    """Return the soundscapes per second that the cluster makes while its queue is never empty."""
    extra = {"LOAD_TOKEN": token, "LOAD_IMAGE": image, "LOAD_PACE": "0.2"}
    before = _states(server).get("ready", 0)
    begun = monotonic()
    _locust(server, "Program", 4, 10, extra)
    until(lambda: _unfinished(server) == 0, DRAINING, "the end of the queue")
    return (_states(server).get("ready", 0) - before) / (monotonic() - begun)


def _overload(server: Server, rate: float, extra: dict[str, str], seconds: int) -> None:
    pace = {"LOAD_PACE": str(PROGRAMS / (4 * rate))}
    before = _states(server).get("ready", 0)
    pages: list[Row] = []
    people = Thread(target=lambda: pages.extend(_locust(server, "Person", 5, seconds)))
    people.start()
    asked = _locust(server, "Program", PROGRAMS, seconds, extra | pace)
    people.join()
    counts = {row["name"]: row["num_requests"] for row in asked}
    errors = sum(row["num_failures"] for row in asked)
    print(
        f"overload: workers make {rate:.1f} soundscapes a second; requested are "
        f"{sum(counts.values()) / seconds:.1f}, at most {QUEUE_LENGTH} waiting"
    )
    accepted, refused = counts.get("accepted", 0), counts.get("refused", 0)
    print(f"  accepted {accepted}, refused with Retry-After {refused}, errors {errors}")
    _print("five people", pages)
    _print_errors(pages)
    made = _drained(server)
    print(f"  all accepted jobs finished: {made}; lost: {_lost(made)} (before: {before} ready)")


if __name__ == "__main__":
    main()
