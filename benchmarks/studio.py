"""The studio in headless Chromium, on the real server with one cluster.

Measures the uncompressed bytes and the queries of a first visit; the history page of a user with
10,000 soundscapes compared with one who has 20; the time from a click on Play to the first sound at
10 Mbit/s, compared with an audio element playing the same WAV; and the time from a dropped image to
the first sound, with the clips that a set-up has made in the background. Compared runs take turns.

    python -m benchmarks.studio [--rounds 15] [--many 10000]
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.end_to_end import CLIPS_FOR_PLAYERS
from tests.live.installations import installation
from tests.live.server import Person, Server, manage, running

FEW = 20
WARM_UP = 2
WEIGHT_LIMIT = 100_000  # bytes
QUERY_LIMIT = 10
SIZE = {"width": 1280, "height": 900}

FILL = """
from soundscapes.models import Generation, Layer, User
user = User.objects.get(username="{name}")
pattern = Generation.objects.get(owner=user)
layers = list(pattern.layers.all())
made = []  # no bytes of their own: they share a file, which the audio cache would delete
for number in range({count} - 1):
    values = {{f.attname: getattr(pattern, f.attname) for f in Generation._meta.concrete_fields}}
    del values["id"]
    made.append(Generation(**values | {{"seed": number, "size": 0}}))
Generation.objects.bulk_create(made, batch_size=500)
Layer.objects.bulk_create(
    (
        Layer(generation=row, category_id=layer.category_id, rank=layer.rank, score=layer.score,
              position=layer.position, kind=layer.kind, gain_db=layer.gain_db, reason=layer.reason)
        for row in made for layer in layers
    ),
    batch_size=2000,
)
"""
COUNT_QUERIES = """
import json
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from soundscapes.models import User
client, counts = Client(headers={{"Host": "localhost"}}), {{}}
for name in {names}:
    client.force_login(User.objects.get(username=name))
    for path in ("/", "/soundscapes/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200, path
        counts[f"{{path}} {{name}}"] = len(queries)
print(json.dumps(counts))
"""
FIRST_SOUND = """async (peer) => {
  const player = document.querySelector("sound-player");
  await customElements.whenDefined("sound-player");
  const begun = performance.now();
  if (peer) {
    const audio = new Audio(player.dataset.src);
    audio.loop = true;
    await audio.play();
    await new Promise((resolve) => {
      const look = () => (audio.currentTime > 0 ? resolve() : requestAnimationFrame(look));
      look();
    });
  } else {
    player.querySelector(".play").click();
    await new Promise((resolve) => {
      const look = () => (player.playback.position > 0 ? resolve() : requestAnimationFrame(look));
      look();
    });
  }
  return performance.now() - begun;
}"""
FROM_A_PHOTO = """async (bytes) => {
  const dataTransfer = new DataTransfer();
  const type = "image/jpeg";
  dataTransfer.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", { type }));
  const until = (found) => new Promise((resolve) => {
    const look = () => (found() ? resolve(performance.now() - begun) : setTimeout(look, 4));
    look();
  });
  const begun = performance.now();
  const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
  document.querySelector("h1").dispatchEvent(event);
  document.querySelector("#make").click();
  const uploaded = await until(() => document.querySelector(".soundscape"));
  const playable = await until(() => document.querySelector("sound-player:defined"));
  const player = document.querySelector("sound-player");
  player.querySelector(".play").click();
  const heard = await until(() => player.playback.position > 0);
  return { uploaded, playable, heard };
}"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--many", type=int, default=10_000)
    options = parser.parse_args(arguments)
    with installation() as env, running(env) as server, _chromium() as browser:
        server.wait_for_worker()
        manage(env, "shell", "-v0", "-c", CLIPS_FOR_PLAYERS)
        newcomer, few, many = Person(server), Person(server), Person(server)
        made = {}
        for person, count in ((few, FEW), (many, options.many)):
            made[count] = person.make_soundscape(_photo(count), duration=30)
            person.wait_until(made[count], "ready")
            script = FILL.format(name=person.name, count=count)
            manage(env, "shell", "-v0", "-c", script)
        names = [newcomer.name, few.name, many.name]
        counts = json.loads(manage(env, "shell", "-v0", "-c", COUNT_QUERIES.format(names=names)))
        _weight(browser, "a newcomer", newcomer, counts[f"/ {newcomer.name}"])
        _weight(browser, f"a user with {FEW}", few, counts[f"/ {few.name}"])
        _history(few, many, options, counts)
        _first_sound(browser, few, f"/soundscapes/{made[FEW]}/", options.rounds)
        _from_a_photo(browser, server, options.rounds)


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        yield browser
        browser.close()


def _photo(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).resize((1600, 1200)).save(buffer, "JPEG")
    return buffer.getvalue()


@contextmanager
def _page(browser: Browser, person: Person) -> Iterator[Page]:
    """Open a page with an empty cache, as on a first visit."""
    url = person.server.url
    context = browser.new_context(base_url=url, viewport=SIZE)  # type: ignore[arg-type]
    cookies = [{"name": c.name, "value": c.value, "url": url} for c in person.cookies]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def _weight(browser: Browser, who: str, person: Person, queries: int) -> None:
    """Print the decoded bytes of all responses until no more arrive, each address once."""
    sizes: dict[str, int] = {}
    responses: dict[str, Any] = {}
    with _page(browser, person) as page:
        page.on("response", lambda response: responses.setdefault(response.url, response))
        page.goto("/")
        page.wait_for_load_state("networkidle")
        for response in responses.values():
            kind = response.request.resource_type
            sizes[kind] = sizes.get(kind, 0) + len(response.body())
    print(f"the studio's first page for {who}: bytes, uncompressed")
    for kind, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"  {kind:<11} {size:8d}")
    total = sum(sizes.values())
    print(f"  {'total':<11} {total:8d}  {_held(total < WEIGHT_LIMIT, WEIGHT_LIMIT)}")
    print(f"  {'queries':<11} {queries:8d}  {_held(queries < QUERY_LIMIT, QUERY_LIMIT)}")


def _held(holds: bool, limit: int) -> str:
    return f"({'under' if holds else 'NOT under'} {limit})"


def _history(few: Person, many: Person, options: argparse.Namespace, counts: Any) -> None:
    times: dict[str, list[float]] = {"few": [], "many": []}
    for number in range(options.rounds + 2):
        for name, person in (("few", few), ("many", many)):
            taken = _timed(lambda person=person: person.get(f"{person.server.url}/soundscapes/"))
            if number >= 2:
                times[name].append(1000 * taken)
    medians = {name: statistics.median(values) for name, values in times.items()}
    ratio = statistics.median(np.divide(times["many"], times["few"]))
    print("the history's first page: ms (median), queries")
    for name, person, size in (("few", few, FEW), ("many", many, options.many)):
        queries = counts[f"/soundscapes/ {person.name}"]
        print(f"  of {size:<8} {medians[name]:8.1f}  {queries:3d}")
    print(f"  ratio       {ratio:8.2f}  (median of pairs; the limit is 2)")


def _timed(call: Callable[[], Any]) -> float:
    begun = perf_counter()
    response = call()
    taken = perf_counter() - begun
    assert response.status_code == 200
    return taken


def _first_sound(browser: Browser, person: Person, path: str, rounds: int) -> None:
    times: dict[bool, list[float]] = {False: [], True: []}
    sizes: dict[bool, list[int]] = {False: [], True: []}
    for _round in range(rounds):
        for peer in times:
            with _page(browser, person) as page:
                received = _slow_down(page)
                page.goto(path, wait_until="load")
                before = received[0]
                times[peer].append(page.evaluate(FIRST_SOUND, peer))
                sizes[peer].append(received[0] - before)
    print("from a click on Play, as soon as the page is loaded, to the first sound of 30 s at")
    print("10 Mbit/s, 20 ms of latency: ms (median, longest), bytes received meanwhile (median)")
    for peer, name in ((False, "player"), (True, "audio element")):
        middle, longest = statistics.median(times[peer]), max(times[peer])
        print(f"  {name:<13} {middle:8.0f} {longest:8.0f} {statistics.median(sizes[peer]):10,.0f}")


def _slow_down(page: Page) -> list[int]:
    """Give the page a connection of 10 Mbit/s; return the number of bytes it receives."""
    session, received = page.context.new_cdp_session(page), [0]

    def count(event: dict[str, Any]) -> None:
        received[0] += event["encodedDataLength"]

    session.on("Network.dataReceived", count)
    session.send("Network.enable")
    speed = {"downloadThroughput": 10e6 / 8, "uploadThroughput": 10e6 / 8}
    session.send("Network.emulateNetworkConditions", {"offline": False, "latency": 20, **speed})
    return received


def _from_a_photo(browser: Browser, server: Server, rounds: int) -> None:
    times: dict[str, list[float]] = {}
    person = Person(server)
    for number in range(rounds + WARM_UP):
        with _page(browser, person) as page:
            page.goto("/")
            page.wait_for_load_state("networkidle")
            taken = page.evaluate(FROM_A_PHOTO, list(_photo(1000 + number)))
            for step, value in taken.items() if number >= WARM_UP else ():
                times.setdefault(step, []).append(value)
    print("a soundscape of 30 s from a dropped image, with the browser on the same cores:")
    for step, values in times.items():
        print(f"  {step:<10} after {statistics.median(values):6.0f} ms (median)")


if __name__ == "__main__":
    main()
