"""Size of rows and files of a soundscape, and page times with very many of them.

Makes a real soundscape and copies its rows: each copy has its own image with vectors and the scores
of all categories, its own layers and its own plan. A tenth belong to one person.

    python -m benchmarks.sizing [--soundscapes 20000]

With DATABASE_URL in the environment, it fills that database instead of a temporary SQLite one.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from statistics import median
from time import perf_counter

from benchmarks.images import photo
from tests.live.installations import installation
from tests.live.server import Person, Server, manage, running

ROUNDS = 5
PATIENCE = 4 * 3600  # seconds, for a million copies
NO_QUOTA = {"SOUNDSCAPES_STORAGE": "1000000000"}
PAGES = {
    "studio": "/",
    "history": "/soundscapes/",
    "history, by words": "/soundscapes/?q=copy",
    "history, by a category": "/soundscapes/?category=rain",
    "API: list of soundscapes": "/api/v1/generations/",
    "API: last page of it": "/api/v1/generations/?page={last}",
    "admin: soundscapes": "/admin/soundscapes/generation/",
    "admin: images": "/admin/soundscapes/image/",
    "admin: similarities": "/admin/soundscapes/similarity/",
    "admin: metrics": "/admin/metrics/",
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--soundscapes", type=int, default=20_000)
    count = parser.parse_args(arguments).soundscapes
    named = {name: os.environ[name] for name in ("DATABASE_URL",) if name in os.environ}
    with installation(named | NO_QUOTA) as env, running(env) as server:
        person = Person(server)
        key = person.make_soundscape(photo())
        person.wait_until(key, "ready")
        _print_files(server, key)
        begun = perf_counter()
        people = max(1, count // 100)
        _inside(env, f"fill('{key}', {count}, {people})")
        print(f"{count} copies, made in {perf_counter() - begun:.0f} s; kB of rows for each:")
        sizes = json.loads(_inside(env, "print_sizes()"))
        for name, size in sizes.items():
            print(f"  {name:<34} {size / count / 1000:8.1f}")
        print(f"  {'total':<34} {sum(sizes.values()) / count / 1000:8.1f}")
        print(f"queries and pages of a user with {count // 10}, in ms (median of {ROUNDS}):")
        print(_inside(env, f"print_times('{person.name}')"), end="")
        for name, path in PAGES.items():
            _print_page(person, name, path.format(last=max(1, count // 10 // 20)))
        begun = perf_counter()
        person.wait_until(person.make_soundscape(photo()), "ready")
        print(f"  {'another soundscape':<34} {1000 * (perf_counter() - begun):8.1f}")


def _inside(env: dict[str, str], call: str) -> str:
    """Call a function of benchmarks/copies.py in the application and return its output."""
    script = f"from benchmarks import copies; copies.{call}"
    return manage(env, "shell", "-v0", "-c", script, seconds=PATIENCE)


def _print_files(server: Server, key: str) -> None:
    made = sum(path.stat().st_size for path in (server.media / "generations" / key).iterdir())
    print(f"files of a soundscape of 30 s with three layers: {made / 1e6:.1f} MB")


def _print_page(person: Person, name: str, path: str) -> None:
    taken = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        response = person.get(person.server.url + path, timeout=300)
        taken.append(1000 * (perf_counter() - begun))
        assert response.ok, (name, response.status_code)
    print(f"  {name:<34} {median(taken):8.1f}")


if __name__ == "__main__":
    main()
