"""Files that mean harm, through every door of a real server: what became of them, time and memory.

Pictures go through the studio's form, POST /upload_image and the administration's form; recordings
through the administration's; ZIPs through its uploads of many files. Nothing may end in a 5xx, take
more than five seconds, or make a web process larger than 300 MB.

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

from tests.hostile import Hostile, archives, pictures, recordings
from tests.live.server import Person, Server, installation, manage, running, until

QUOTAS = {f"SOUNDSCAPES_QUOTA_{kind}": "1000000/hour" for kind in ("READ", "UPLOAD", "GENERATE")}
PROMOTE = """
from soundscapes.models import Category, ImageSet, User
User.objects.filter(username="{name}").update(is_staff=True, is_superuser=True)
print(ImageSet.objects.first().pk, Category.objects.first().pk)
"""
FORM = {"title": "t", "author": "Ada", "licence": "CC0", "collection": "words", "source": "words"}


class Door:
    """One way in: sends a file and keeps count of the answers, and of the time that each took."""

    def __init__(self, name: str, send: Callable[[Hostile], requests.Response]) -> None:
        self.name, self._send = name, send
        self.statuses: Counter[int] = Counter()
        self.slowest = (0.0, "")

    def take(self, hostile: Hostile) -> None:
        started = perf_counter()
        answer = self._send(hostile)
        self.slowest = max(self.slowest, (perf_counter() - started, hostile.name))
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            print(f"  {answer.status_code} for {hostile.name} at {self.name}")

    def __str__(self) -> str:
        answers = ", ".join(f"{count} x {code}" for code, count in sorted(self.statuses.items()))
        seconds, name = self.slowest
        return (
            f"  {self.name:<26}{sum(self.statuses.values()):6}   {answers}\n"
            f"  {'':<26}slowest {seconds:.1f} s ({name})"
        )


class Attacker(Person):
    """Signed in, with an administrator's rights, and never following a redirect."""

    def __init__(self, server: Server, env: dict[str, str]) -> None:
        super().__init__(server)
        printed = manage(env, "shell", "-v0", "-c", PROMOTE.format(name=self.name))
        self.image_set, self.category = printed.split()
        self.headers["X-CSRFToken"] = self.cookies["csrftoken"]

    def send(self, path: str, field: str, hostile: Hostile, **fields: str) -> requests.Response:
        return self.post(
            self.server.url + path,
            data=fields,
            files={field: (hostile.name, hostile.make())},
            allow_redirects=False,
            timeout=120,
        )


def peak(server: Server) -> int:
    """The largest that a web process has ever been, in MB."""
    largest = 0
    for process in server.descendants():
        if "gunicorn" in " ".join(process.cmdline()):
            status = Path(f"/proc/{process.pid}/status").read_text()
            largest = max(largest, int(status.partition("VmHWM:")[2].split()[0]) // 1024)
    return largest


def settled(server: Server) -> bool:
    rows = server.query("SELECT state FROM soundscapes_chore")
    return all(state in ("ready", "failed", "cancelled") for (state,) in rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--each", type=int, default=1, help="take every n-th file")
    options = parser.parse_args(arguments)

    def chosen(hostile: Iterable[Hostile]) -> Iterable[Hostile]:
        return islice(hostile, 0, None, options.each)

    with installation(QUOTAS) as env, running(env) as server:
        attacker = Attacker(server, env)
        print(f"hostile files; a web process has {peak(server)} MB before")
        _through(
            (
                Door("the studio", lambda each: attacker.send("/soundscapes/new/", "image", each)),
                Door(
                    "POST /upload_image", lambda each: attacker.send("/upload_image", "image", each)
                ),
                Door(
                    "a form of the admin",
                    lambda each: attacker.send(
                        "/admin/soundscapes/image/add/",
                        "upload",
                        each,
                        image_set=attacker.image_set,
                        **FORM,
                    ),
                ),
            ),
            chosen(pictures.pictures()),
        )
        print(f"  at most {peak(server)} MB in a web process")
        _through(
            (
                Door(
                    "a clip",
                    lambda each: attacker.send(
                        "/admin/soundscapes/clip/add/",
                        "upload",
                        each,
                        category=attacker.category,
                        **FORM,
                    ),
                ),
            ),
            chosen(recordings.recordings()),
        )
        print(f"  at most {peak(server)} MB in a web process")
        _through(
            (
                Door(
                    "a ZIP",
                    lambda each: attacker.send(
                        "/admin/soundscapes/image/upload/",
                        "chosen",
                        each,
                        image_set=attacker.image_set,
                        **FORM,
                    ),
                ),
            ),
            chosen(archives.archives()),
        )
        until(lambda: settled(server), 600, "the end of all chores")
        outcomes = Counter(
            state for (state,) in server.query("SELECT state FROM soundscapes_chore")
        )
        print(f"  chores: {dict(outcomes)}; at most {peak(server)} MB in a web process")


def _through(doors: Sequence[Door], hostile: Iterable[Hostile]) -> None:
    for each in hostile:
        for door in doors:
            door.take(each)
    print(*doors, sep="\n")


if __name__ == "__main__":
    main()
