"""Files that mean harm, and honest ones of every kind, through every door of a real server.

The table says for each kind how many were taken in and refused, with which words, and the greatest
time and memory. ZIPs go through the administration's upload of many files, recordings through its
form, images through that, the studio's, and POST /api/v1/images/, which does what /upload_image
does without waiting for the worker. Nothing may end in a 5xx, take more than five seconds, or make
a web process larger than 300 MB.

    python -m benchmarks.hostile [--each 1]
"""

from __future__ import annotations

import argparse
import html
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep

import psutil
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


@dataclass
class Kind:
    """Outcome of the files of one kind."""

    taken: int = 0
    refused: int = 0
    seconds: tuple[float, str] = (0.0, "")
    words: Counter[str] = field(default_factory=Counter)
    web: int = 0
    decoder: int = 0

    def row(self, name: str) -> str:
        seconds, slowest = self.seconds
        lines = [
            f"  {name:<22}{self.taken:6}{self.refused:8}{seconds:8.1f}{self.web:6}{self.decoder:8}"
            f"   {slowest}"
        ]
        lines += [f"      {count} x {words}" for words, count in self.words.most_common(WORDS)]
        return "\n".join(lines)


class Door:
    """An upload path; sends files and counts the responses and their times."""

    def __init__(self, name: str, send: Callable[[str, bytes], requests.Response]) -> None:
        self.name, self._send = name, send
        self.statuses: Counter[int] = Counter()
        self.slowest = (0.0, "")

    def take(self, hostile: Hostile, data: bytes, kind: Kind) -> None:
        started = perf_counter()
        answer = self._send(hostile.name, data)
        taken = perf_counter() - started, hostile.name
        self.slowest, kind.seconds = max(self.slowest, taken), max(kind.seconds, taken)
        self.statuses[answer.status_code] += 1
        words = _refusal(answer)
        kind.taken, kind.refused = kind.taken + (not words), kind.refused + bool(words)
        if words:
            kind.words[words] += 1
        if answer.status_code >= 500 or (words and hostile.always):
            print(f"  {answer.status_code} for {hostile.name} at {self.name}: {words}")

    def __str__(self) -> str:
        responses = ", ".join(f"{count} x {code}" for code, count in sorted(self.statuses.items()))
        seconds, name = self.slowest
        return (
            f"  {self.name:<26}{sum(self.statuses.values()):6}   {responses}\n"
            f"  {'':<26}slowest {seconds:.1f} s ({name})"
        )


def _refusal(answer: requests.Response) -> str:
    """Return the words of a refusal without its numbers, or none where the file was taken in."""
    if answer.status_code < 300:
        is_form = "errorlist" in answer.text
        return _words_in(answer.text) if is_form else ""
    if answer.status_code < 400:
        return ""
    if "json" in answer.headers.get("Content-Type", ""):
        return _plainly(str(answer.json().get("detail", answer.text)))
    return _words_in(answer.text)


def _words_in(page: str) -> str:
    found = ERROR.search(page)
    return _plainly(html.unescape(found[1] or found[2])) if found else f"no words in {page[:80]}"


def _plainly(words: str) -> str:
    return re.sub(r"[\d.,]*\d", "N", re.sub(r"<[^>]+>", "", words)).strip()[:120]


ERROR = re.compile(
    r'class="errorlist[^>]*>\s*<li>(.*?)</li>|role="alert"[^>]*>(.*?)</p>', re.DOTALL
)
WORDS = 4  # of each kind's refusals


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


class DecoderWatch(Thread):
    """Look at the decoders' processes, which are gone before anyone could ask them."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._largest = 0

    def run(self) -> None:
        while self._server.process.poll() is None:
            for process in self._server.descendants():
                with suppress(psutil.Error):
                    if "_process" in " ".join(process.cmdline()):
                        self._largest = max(self._largest, process.memory_info().rss // 2**20)
            sleep(0.02)

    def take(self) -> int:
        taken, self._largest = self._largest, 0
        return taken


def chosen(hostile: Iterable[Hostile], each: int) -> Iterator[Hostile]:
    """Yield all files made by hand, and every n-th of those that seeds break."""
    number = 0
    for one in hostile:
        is_by_seed = one.kind.startswith(("mutated", "cut"))
        number += is_by_seed
        if not is_by_seed or number % each == 0:
            yield one


def _settled(server: Server) -> dict[str, int] | None:
    """Count batch jobs by the state that they ended in, once all have."""
    states = Counter(state for (state,) in server.query("SELECT state FROM soundscapes_batchjob"))
    return dict(states) if set(states) <= {"ready", "failed", "cancelled"} else None


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--each", type=int, default=1, help="take every n-th of those that seeds break"
    )
    options = parser.parse_args(arguments)
    with installation(QUOTAS) as env, running(env) as server:
        attacker, watch = Attacker(server, env), DecoderWatch(server)
        watch.start()
        print(f"hostile files; a web process has {peak(server)} MB before")
        for doors, hostile in (
            (attacker.doors_for_zips(), archives.archives()),
            (attacker.doors_for_recordings(), recordings.recordings()),
            (attacker.doors_for_images(), images.images()),
        ):
            _through(doors, chosen(hostile, options.each), server, watch)
            print(f"  at most {peak(server)} MB in a web process")
        rows = until(lambda: _settled(server), 600, "the end of all batch jobs")
        print(f"  batch jobs: {rows}")


def _through(
    doors: Sequence[Door], hostile: Iterable[Hostile], server: Server, watch: DecoderWatch
) -> None:
    kinds: defaultdict[str, Kind] = defaultdict(Kind)
    for each in hostile:
        data, kind = each.make(), kinds[each.kind]
        for door in doors:
            door.take(each, data, kind)
        kind.web = max(kind.web, peak(server))
        kind.decoder = max(kind.decoder, watch.take())
    print(*doors, sep="\n")
    print(
        f"\n  {'kind':<22}{'taken':>6}{'refused':>8}{'s':>8}{'web':>6}{'decoder':>8}   MB, slowest"
    )
    for name in sorted(kinds):
        print(kinds[name].row(name))


if __name__ == "__main__":
    main()
