"""From the upload of an image to a playable soundscape, over HTTP, compared with the original.

The real server and cluster take turns with a rebuilt original (benchmarks/original.py) that has the
same encoder and gets the same images. The product makes 30 s of stereo levelled by BS.1770; the
original overlays clips to 5 s. As in a page, a soundscape is playable when the player has the plan
and the clips that sound first; as for a program, when the last byte of the WAV has come. Memory use
follows.

    python -m benchmarks.end_to_end [--photos 20]
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
import requests
from PIL import Image

from soundscapes.engine import starter
from tests.live.installations import installation
from tests.live.server import PROJECT, Person, Server, free_port, manage, running, until

WARM_UP = 2
SOON = 1.5  # seconds of which a player fetches the clips before it starts
SIDE = 1600
LONG = 1800  # seconds of audio
CLIPS_FOR_PLAYERS = """
from soundscapes.imports.preparation import synthesise
from soundscapes.models import Category
for category in Category.objects.all():
    synthesise(category)
"""


def photos(count: int) -> list[bytes]:
    """Return different JPEGs of 1600 pixels, made from the starter images."""
    images = [starter.load(image) for image in starter.STARTER_IMAGES]
    made = []
    for number in range(count):
        image = images[number % len(images)].rotate(number, Image.Resampling.BILINEAR)
        buffer = io.BytesIO()
        image.resize((SIDE, SIDE * image.height // image.width)).save(buffer, "JPEG")
        made.append(buffer.getvalue())
    return made


@contextmanager
def original(env: dict[str, str]) -> Iterator[tuple[str, psutil.Process]]:
    port = free_port()
    bank = Path(env["MEDIA_ROOT"]) / "bank"
    command = [sys.executable, "-m", "benchmarks.original", f"--port={port}", f"--bank={bank}"]
    process = subprocess.Popen(
        command, cwd=PROJECT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://localhost:{port}/"
    try:
        until(lambda: _is_up(url), 120, "the original's first response")
        yield url, psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def _is_up(url: str) -> bool:
    try:
        return requests.get(url, timeout=60).status_code == 405
    except requests.ConnectionError:
        return False


def ask_player(person: Person, photo: bytes, duration: int = 30) -> float:
    """Return the seconds from upload until a page has what it plays first."""
    url, start = person.server.url, perf_counter()
    headers = {"X-CSRFToken": person.cookies["csrftoken"], "HX-Request": "true"}
    form: dict[str, Any] = {"files": {"image": photo}, "data": {"duration": duration}}
    made = person.post(f"{url}/soundscapes/new/", headers=headers, **form)
    page = url + made.headers["HX-Push-Url"]
    while "<sound-player" not in person.get(f"{page}status/?seen=queued-0", headers=headers).text:
        pass
    layers = person.get(f"{page}parts/0/").json()["layers"]
    for place, checksum in sorted(heard_first(layers)):
        assert person.get(f"{page}parts/clips/{place}/{checksum}/").ok
    return perf_counter() - start


def heard_first(layers: Sequence[dict[str, Any]]) -> set[tuple[int, str]]:
    """Return the clips that the first layer to sound plays soon, as `plan_tape.js` does."""
    events = [
        (time, layer["place"], layer["clips"][clip])
        for layer in layers
        for clip, _offset, time, duration, *_ in layer["events"]
        if time < SOON and time + duration > 0
    ]
    first = min(events)[1] if events else 0
    return {(place, clip) for _time, place, clip in events if place == first}


def ask_product(person: Person, photo: bytes) -> float:
    """Return the seconds from upload to the last byte of the WAV, by the documented endpoints."""
    url = person.server.url
    headers = {"X-CSRFToken": person.cookies["csrftoken"]}
    start = perf_counter()
    matched = person.post(f"{url}/upload_image", files={"image": photo}, headers=headers)
    audio = person.get(matched.json()["generate_audio_url"])
    taken = perf_counter() - start
    assert audio.headers["Content-Type"] == "audio/wav", audio.text
    return taken


def report_bytes(person: Person, media: Path, count: int) -> None:
    """Print what a soundscape takes at rest, and what a browser fetches to play it."""
    folders = ("images", "thumbnails", "generations")
    files = [path for name in folders for path in (media / name).rglob("*") if path.is_file()]
    at_rest = sum(path.stat().st_size for path in files) / count
    audio = sum(path.stat().st_size for path in files if path.suffix == ".flac") / count
    listed = person.get(f"{person.server.url}/api/v1/generations/").json()["results"]
    heard = [bytes_to_play(person, each["id"]) for each in listed]
    print(f"bytes of a soundscape of 30 s, {count} of them:")
    print(f"  at rest, with its image's files    {at_rest / 1e6:8.2f} MB")
    print(f"  once its audio is dropped          {(at_rest - audio) / 1e6:8.2f} MB")
    print(
        f"  to play it                         {np.median(heard) / 1e6:8.2f} MB, "
        f"at most {max(heard) / 1e6:.2f}"
    )


def bytes_to_play(person: Person, key: str) -> int:
    """Return the bytes of the events and clips of a whole soundscape."""
    url = f"{person.server.url}/soundscapes/{key}/parts/"
    part = person.get(f"{url}0/")
    clips = [
        person.get(f"{url}clips/{layer['place']}/{clip}/")
        for layer in part.json()["layers"]
        for clip in layer["clips"]
    ]
    return sum(len(each.content) for each in (part, *clips))


def ask_original(url: str, photo: bytes) -> float:
    start = perf_counter()
    response = requests.post(url, files={"image": photo}, timeout=120)
    taken = perf_counter() - start
    assert response.content.startswith(b"RIFF")
    return taken


def megabytes(processes: Sequence[psutil.Process]) -> str:
    sizes = [process.memory_info().rss / 2**20 for process in processes]
    return ", ".join(f"{size:.0f}" for size in sorted(sizes, reverse=True)) + " MB"


def spread(values: npt.ArrayLike) -> str:
    median, high = np.percentile(values, [50, 95])
    return f"{median:8.1f}  {high:8.1f}"


def report(times: Sequence[Sequence[float]], server: Server, old: psutil.Process) -> None:
    played, product, peer = np.transpose(times)
    print(f"upload to playable, {len(times)} images of {SIDE} px: median, 95th percentile")
    print(f"  in a page      {spread(1000 * played)} ms  (30 s of audio)")
    print(f"  as WAV         {spread(1000 * product)} ms  (30 s of audio)")
    print(f"  original, WAV  {spread(1000 * peer)} ms  (5 s of audio)")
    print(
        f"  original / page, / WAV: {np.median(peer / played):.2f}, "
        f"{np.median(peer / product):.2f}  (medians of pairs)"
    )
    children = server.descendants()
    web = [child for child in children if "gunicorn" in " ".join(child.cmdline())]
    cluster = [child for child in children if "qcluster" in " ".join(child.cmdline())]
    print("resident memory, every process:")
    print(f"  web       {megabytes(web)}")
    print(f"  cluster   {megabytes(cluster)}")
    print(f"  original  {megabytes([old])}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=int, default=20)
    options = parser.parse_args(arguments)
    with installation() as env, running(env) as server, original(env) as (url, old):
        server.wait_for_worker()
        manage(env, "shell", "-v0", "-c", CLIPS_FOR_PLAYERS)
        person, other = Person(server), Person(server)
        last, *others = photos(options.photos + WARM_UP + 1)
        times = [
            (ask_player(other, photo), ask_product(person, photo), ask_original(url, photo))
            for photo in others
        ]
        report(times[WARM_UP:], server, old)
        print(f"half an hour of audio, one image: {ask_player(other, last, LONG):.1f} s in a page")
        report_bytes(person, Path(env["MEDIA_ROOT"]), 2 * len(times))


if __name__ == "__main__":
    main()
