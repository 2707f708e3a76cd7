"""Listeners of endless streams: whether each gets its sound in time, and what they cost.

The application runs as `make run` starts it. Several accounts have soundscapes, and players listen
to them at the same time; meanwhile pages are fetched. First, all minutes have to be made. Then
other players listen to the same minutes again.

    python -m benchmarks.streams [--listeners 200] [--soundscapes 20] [--seconds 150]
"""

from __future__ import annotations

import argparse
import selectors
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from threading import Event, Thread
from time import monotonic
from urllib.parse import urlsplit

import requests

from benchmarks import machine
from soundscapes.engine.sound.endless.blocks import BITS_A_SECOND
from tests.live.installations import installation
from tests.live.server import PROJECT, Server, running, until

RATE = BITS_A_SECOND // 8
PREPARE = """
import time
from soundscapes.generations import generations
from soundscapes.generations.players import streams
from soundscapes.models import Image, User

for number in range({soundscapes}):
    user = User.objects.create_user(f"listener-{{number}}")
    image = Image.objects.preloaded().order_by("pk")[number % 13]
    generation = generations.create_generation(user, image, duration=30, seed=number)
    while not generation.is_final:
        time.sleep(0.05)
        generation.refresh_from_db()
    print(streams.make_stream(user, generation)[1])
"""
PRESENT = "SELECT count(*) FROM soundscapes_listener"


@dataclass
class Player:
    """A player that keeps no more than it plays, and notes how long it had nothing to play."""

    connection: socket.socket
    began: float
    headers: bytes = b""
    first: float = 0.0
    received: int = 0
    silent: float = 0.0

    def receive(self, now: float) -> bool:
        """Return whether the stream goes on."""
        data = self.connection.recv(2**16)
        sound = data if self.received else self._after_headers(data)
        if sound and not self.received:
            self.first = now
        if self.received:
            self.silent = max(self.silent, now - self.first - self.received / RATE)
        self.received += len(sound)
        return bool(data)

    def _after_headers(self, data: bytes) -> bytes:
        self.headers, blank, sound = (self.headers + data).partition(b"\r\n\r\n")
        self.headers += blank
        return sound


def listen(url: str, tokens: Sequence[str], listeners: int, seconds: float) -> list[Player]:
    """Connect players evenly to all streams, and return them after some time."""
    address = urlsplit(url)
    with selectors.DefaultSelector() as selector, ExitStack() as opened:
        players = []
        for number in range(listeners):
            connection = socket.create_connection((address.hostname, address.port))
            opened.enter_context(connection)
            path = f"/stream/{tokens[number % len(tokens)]}.mp3"
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            player = Player(connection, monotonic())
            players.append(player)
            selector.register(connection, selectors.EVENT_READ, player)
        deadline = monotonic() + seconds
        while monotonic() < deadline and selector.get_map():
            for key, _event in selector.select(0.5):
                if not key.data.receive(monotonic()):
                    selector.unregister(key.fileobj)
        return players


class Pages:
    """Times of a page in ms, fetched again and again in a thread."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.times: list[float] = []
        self._ended = Event()
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Pages:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(0.5):
            begun = monotonic()
            requests.get(f"{self._url}/account/login/", timeout=60).raise_for_status()
            self.times.append(1000 * (monotonic() - begun))


def used(server: Server) -> dict[str, float]:
    """Return the processor seconds of the web server and of the workers so far."""
    seconds = {"web": 0.0, "workers": 0.0}
    for process in server.descendants():
        kind = "web" if "gunicorn" in " ".join(process.cmdline()) else "workers"
        times = process.cpu_times()
        seconds[kind] += times.user + times.system
    return seconds


def measure(name: str, server: Server, tokens: Sequence[str], options: argparse.Namespace) -> None:
    before = used(server)
    with Pages(server.url) as pages:
        players = listen(server.url, tokens, options.listeners, options.seconds)
    cores = {kind: (now - before[kind]) / options.seconds for kind, now in used(server).items()}
    heard = [player for player in players if player.received]
    waits = sorted(player.first - player.began for player in heard)
    silent = sorted(player.silent for player in heard)
    print(f"{name}: {len(heard)} of {options.listeners} hear {len(tokens)} soundscapes")
    print(f"  first sound after    {median(waits):6.1f} s, the last {waits[-1]:.1f} s")
    print(f"  longest silence      {median(silent):6.1f} s, of any {silent[-1]:.1f} s")
    print(f"  cores in use         {cores['web']:6.2f} web server, {cores['workers']:.2f} workers")
    ordered = sorted(pages.times)
    slow = ordered[int(0.95 * len(ordered))]
    print(f"  a page meanwhile     {median(ordered):6.0f} ms, 95th percentile {slow:.0f} ms")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--listeners", type=int, default=200)
    parser.add_argument("--soundscapes", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=150)
    options = parser.parse_args(arguments)
    print(machine.described())
    limits = {"SOUNDSCAPES_QUOTA_SHARED": "1000000/minute"}
    with installation(limits) as env, running(env) as server:
        server.wait_for_worker()
        prepared = subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", PREPARE.format(**vars(options))],
            cwd=PROJECT,
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        tokens = prepared.stdout.split()
        measure("made while they listen", server, tokens, options)
        until(lambda: server.query(PRESENT) == [(0,)], 30, "the end of all listeners")
        measure("made before", server, tokens, options)


if __name__ == "__main__":
    main()
