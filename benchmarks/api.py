"""The API under load, on one gunicorn with two workers and one cluster.

Measures requests per second and queries of the read endpoints, compared with an empty DRF view and
with one that authenticates and counts quotas as they do, and with a thousand soundscapes;
fifty clients that upload and wait at once; and the wait of one person's only job behind another
person's hundred.

    python -m benchmarks.api [--seconds 3] [--clients 50] [--pile 100]
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from urllib.parse import urlsplit

import numpy as np
import requests
from PIL import Image

from tests.live.installations import installation
from tests.live.server import Server, manage, running

THREADS = 8
PATIENCE = 600  # seconds

MAKE_USERS = """
import json, sys
from soundscapes.models import User
from soundscapes.accounts import users
names = [f"bench{{n}}" for n in range({count})]
made = [User.objects.create_user(name) for name in names]
print(json.dumps([users.create_token(user, "bench")[1] for user in made]))
"""
FILL = """
from django.utils import timezone
from soundscapes.models import *
user, image = User.objects.get(username="bench0"), Image.objects.first()
credit = {"title": "Rain", "author": "Soundscapes", "licence": "CC0 1.0", "source": "synthesised"}
plan = {"credits": [credit] * 5, "layers": [{"events": [{"time": n} for n in range(30)]}] * 3}
made = Generation.objects.bulk_create(
    Generation(
        owner=user, image=image, seed=seed, state="ready", plan=plan, queued_at=timezone.now()
    )
    for seed in range(1000)
)
Layer.objects.bulk_create(
    Layer(generation=each, category=sound, rank=rank, score=0.3, position=0, kind="bed", gain_db=0)
    for each in made
    for rank, sound in enumerate(Category.objects.all()[:3], 1)
)
print(Generation.objects.first().pk, image.pk)
"""
COUNT_QUERIES = """
import json
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
client, counts = Client(headers={{"Authorization": "Bearer {token}"}}), {{}}
for path in {paths}:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path, headers={{"Host": "localhost"}}).status_code == 200, path
    counts[path] = len(queries)
print(json.dumps(counts))
"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--pile", type=int, default=100)
    options = parser.parse_args(arguments)
    with installation() as plain:
        env = plain | {
            "DJANGO_SETTINGS_MODULE": "benchmarks.api_settings",
            "SOUNDSCAPES_QUEUE_PER_USER": str(2 * options.pile),
        }
        tokens = json.loads(
            manage(env, "shell", "-v0", "-c", MAKE_USERS.format(count=options.clients + 2))
        )
        paths = _paths(*manage(env, "shell", "-v0", "-c", FILL).split())
        script = COUNT_QUERIES.format(token=tokens[0], paths=paths)
        queries = json.loads(manage(env, "shell", "-v0", "-c", script))
        with running(env) as server:
            server.wait_for_worker()
            _reading(server, tokens[0], queries, options.seconds)
            _uploading(server, tokens[2:], options.clients)
            _fairness(server, tokens[0], tokens[1], options.pile)


def _paths(generation: str, image: str) -> list[str]:
    lists = ("images", "image-sets", "categories", "clips", "generations", "jobs", "tokens", "me")
    details = (f"images/{image}", f"generations/{generation}", f"jobs/{generation}")
    return [f"/api/v1/{name}/" for name in (*lists, *details)]


def _reading(server: Server, token: str, queries: dict[str, int], seconds: float) -> None:
    print(
        f"reading, {THREADS} connections: requests/s, share of an empty view's with authentication "
        "and quota, share of one's without, queries"
    )
    empty, signed_in = (_rate(server, token, path, seconds) for path in ("/empty/", "/signed-in/"))
    print(f"  {'an empty DRF view':<24} {empty:8.0f}         100 %   0")
    print(f"  {'with authentication':<24} {signed_in:8.0f}  100 %  {signed_in / empty:5.0%}   2")
    for path, count in queries.items():
        rate = _rate(server, token, path, seconds)
        name, _slash, pk = path.removeprefix("/api/v1/").strip("/").partition("/")
        shares = f"{rate / signed_in:5.0%}  {rate / empty:5.0%}"
        print(f"  {name + ('/<id>' if pk else ''):<24} {rate:8.0f}  {shares}  {count:2d}")


def _rate(server: Server, token: str, path: str, seconds: float) -> float:
    def client(_number: int) -> int:
        address = urlsplit(server.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port)
        done, end = 0, monotonic() + seconds
        while monotonic() < end:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            response.read()
            assert response.status == 200, (path, response.status)
            done += 1
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(client, range(THREADS))) / seconds


def _photo(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).resize((640, 480)).save(buffer, "JPEG")
    return buffer.getvalue()


def _session(token: str) -> requests.Session:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    return session


def _wait(session: requests.Session, response: requests.Response) -> str:
    """Return the job's final state, `lost` without one, `refused` if none was created."""
    if response.status_code != 202:
        return f"refused {response.status_code}"
    job, deadline = response.json(), monotonic() + PATIENCE
    while job["status"] not in ("succeeded", "failed"):
        if monotonic() > deadline:
            return "lost"
        sleep(0.5)
        job = session.get(job["url"], timeout=60).json()
    return str(job["status"])


def _uploading(server: Server, tokens: Sequence[str], clients: int) -> None:
    def client(number: int) -> tuple[str, float]:
        session, begun = _session(tokens[number]), monotonic()
        address = f"{server.url}/api/v1/images/"
        response = session.post(address, files={"image": _photo(number)}, timeout=60)
        return _wait(session, response), monotonic() - begun

    with ThreadPoolExecutor(clients) as pool:
        outcomes = list(pool.map(client, range(clients)))
    ended = {word: sum(word == end for end, _ in outcomes) for word, _ in outcomes}
    waited = sorted(seconds for _, seconds in outcomes)
    print(f"{clients} clients upload at once and wait: {ended}")
    print(f"  median {waited[clients // 2]:.1f} s, last {waited[-1]:.1f} s")


def _fairness(server: Server, many: str, one: str, pile: int) -> None:
    """Queue a hundred jobs of one person, then the only one of another."""
    busy, guest = _session(many), _session(one)
    address = f"{server.url}/api/v1/generations/"
    images = f"{server.url}/api/v1/images/?origin=set"
    asked = {"image": busy.get(images, timeout=60).json()["results"][0]["id"], "duration": 5}
    piled = [busy.post(address, json=asked, timeout=60) for _ in range(pile)]
    begun = monotonic()
    outcome = _wait(guest, guest.post(address, json=asked, timeout=60))
    waited = monotonic() - begun
    jobs = f"{server.url}/api/v1/jobs/?kind=generation&status=queued"
    left = busy.get(jobs, timeout=60).json()["count"]
    outcomes = {_wait(busy, response) for response in piled}
    whole = monotonic() - begun
    print(f"one job behind another person's {pile}: {outcome} after {waited:.1f} s")
    print(f"  with {left} of the pile still waiting; the pile took {whole:.1f} s, all {outcomes}")


if __name__ == "__main__":
    main()
