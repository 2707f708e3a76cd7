"""Hostile files on every upload path of a real server: responses, time and memory.

ZIPs go through the admin's bulk upload, recordings through its form. Images go through the admin,
the studio, and POST /api/v1/images/, which works like /upload_image without waiting for the worker.
Nothing may end in a 5xx, take more than five seconds, or make a web process larger than 300 MB.

    python -m benchmarks.hostile [--each 1]
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from time import perf_counter

import requests

from tests.hostile import Hostile, archives, images, recordings
from tests.live.installations import installation
from tests.live.server import Person, Server, manage, running, until

QUOTAS = {f"SOUNDSCAPES_QUOTA_{kind}": "1000000/hour" for kind in ("READ", "UPLOAD", "GENERATE")}
QUOTAS |= {f"SOUNDSCAPES_QUEUE_{kind}": "100000" for kind in ("PER_USER", "LENGTH")}
PROMOTE = """
from soundscapes.models import Category, ImageSet, User
User.objects.filter(username="{name}").update(is_staff=True, is_superuser=True)
print(ImageSet.objects.first().pk, Category.objects.first().pk)
"""
FORM = {"title": "t", "author": "Ada", "licence": "CC0", "collection": "words", "source": "words"}


class Door:
    """An upload path; sends files and counts the responses and their times."""

    def __init__(self, name: str, send: Callable[[str, bytes], requests.Response]) -> None:
        self.name, self._send = name, send
        self.statuses: Counter[int] = Counter()
        self.slowest = (0.0, "")

    def take(self, hostile: Hostile, data: bytes) -> None:
        started = perf_counter()
        response = self._send(hostile.name, data)
        self.slowest = max(self.slowest, (perf_counter() - started, hostile.name))
        self.statuses[response.status_code] += 1
        if response.status_code >= 500:
            print(f"  {response.status_code} for {hostile.name} at {self.name}")

    def __str__(self) -> str:
        responses = ", ".join(f"{count} x {code}" for code, count in sorted(self.statuses.items()))
        seconds, name = self.slowest
        return (
            f"  {self.name:<26}{sum(self.statuses.values()):6}   {responses}\n"
            f"  {'':<26}slowest {seconds:.1f} s ({name})"
        )


class Attacker(Person):
    """Signed in as an administrator; never follows a redirect."""

    def __init__(self, server: Server, env: dict[str, str]) -> None:
        super().__init__(server)
        printed = manage(env, "shell", "-v0", "-c", PROMOTE.format(name=self.name))
        self.image_set, self.category = printed.split()
        self.headers["X-CSRFToken"] = self.cookies["csrftoken"]

    def door(self, name: str, path: str, field: str, **fields: str) -> Door:
        def send(filename: str, data: bytes) -> requests.Response:
            return self.post(
                self.server.url + path,
                data=fields,
                files={field: (filename, data)},
                allow_redirects=False,
                timeout=120,
            )

        return Door(name, send)

    def doors_for_zips(self) -> list[Door]:
        path = "/admin/soundscapes/image/upload/"
        return [self.door("a ZIP", path, "chosen", image_set=self.image_set, **FORM)]

    def doors_for_recordings(self) -> list[Door]:
        path = "/admin/soundscapes/clip/add/"
        return [self.door("a clip", path, "upload", category=self.category, **FORM)]

    def doors_for_images(self) -> list[Door]:
        path = "/admin/soundscapes/image/add/"
        return [
            self.door("an admin form", path, "upload", image_set=self.image_set, **FORM),
            self.door("POST /api/v1/images/", "/api/v1/images/", "image"),
            self.door("the studio", "/soundscapes/new/", "image", duration="5", layer_count="1"),
        ]


def peak(server: Server) -> int:
    """Return the peak memory of the largest web process, in MB."""
    largest = 0
    for process in server.descendants():
        if "gunicorn" in " ".join(process.cmdline()):
            status = Path(f"/proc/{process.pid}/status").read_text()
            largest = max(largest, int(status.partition("VmHWM:")[2].split()[0]) // 1024)
    return largest


def _settled(server: Server) -> dict[str, int] | None:
    """Count the batch jobs in each final state, once all have finished."""
    states = Counter(state for (state,) in server.query("SELECT state FROM soundscapes_batchjob"))
    return dict(states) if set(states) <= {"ready", "failed", "cancelled"} else None


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--each", type=int, default=1, help="take every n-th file")
    options = parser.parse_args(arguments)
    with installation(QUOTAS) as env, running(env) as server:
        attacker = Attacker(server, env)
        print(f"hostile files; a web process has {peak(server)} MB before")
        for doors, hostile in (
            (attacker.doors_for_zips(), archives.archives()),
            (attacker.doors_for_recordings(), recordings.recordings()),
            (attacker.doors_for_images(), images.images()),
        ):
            _through(doors, islice(hostile, 0, None, options.each))
            print(f"  at most {peak(server)} MB in a web process")
        rows = until(lambda: _settled(server), 600, "the end of all batch jobs")
        print(f"  batch jobs: {rows}")


def _through(doors: Sequence[Door], hostile: Iterable[Hostile]) -> None:
    for each in hostile:
        data = each.make()
        for door in doors:
            door.take(each, data)
    print(*doors, sep="\n")


if __name__ == "__main__":
    main()
