"""Attacks that make everybody else wait."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from time import monotonic, sleep

import numpy as np
import requests
import soundfile

from benchmarks.attacks.site import GIVE_UP, Site, token_of
from tests.live.server import Person, manage
from tests.sample_files import photo


def waiting_calls(site: Site) -> str:
    """Forty calls of one token that wait for an hour of sound each."""
    headers = site.token(Person(site.server))
    upload = f"{site.server.url}/upload_image"
    requests.post(upload, files={"image": photo()}, headers=headers, timeout=GIVE_UP)

    def call(number: int) -> int:
        try:
            return requests.get(
                f"{site.server.url}/generate_audio",
                {"duration": 3600, "seed": number},
                headers=headers,
                timeout=GIVE_UP,
            ).status_code
        except requests.RequestException:
            return 0

    said: list[str] = []
    with ThreadPoolExecutor(40) as pool, site.health_meanwhile(said):
        answers = list(pool.map(call, range(40)))
    accepted = sum(answer in (200, 202) for answer in answers)
    return f"{said[0]}; {accepted} of 40 accepted, {answers.count(0)} without an answer"


def slow_sockets(site: Site) -> str:
    """500 requests that never end, 200 downloads of a shared sound that nobody reads."""
    path = site.shared_sound()
    held = [site.connect(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ") for _ in range(500)]
    alone = site.health()
    if "not answer" not in alone:
        line = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        held += [site.connect(line) for _ in range(200)]
        burst = site.health()
        sleep(2)
        alone = f"{alone}; as the downloads begin {burst}; with them {site.health()}"
    for connection in held:
        connection.close()
    return alone


def conversions(site: Site) -> str:
    """Fourteen conversions of an hour by a token that may only read; another's 5 s of sound."""
    attacker, other = Person(site.server), Person(site.server)
    hours = [
        attacker.make_soundscape(photo(2), duration=3600, seed=number, layer_count=1)
        for number in range(5)
    ]
    done = [
        key
        for key in hours
        if attacker.wait_until(key, "ready", "failed", seconds=600)["state"] == "ready"
    ]
    alone = _seconds_to_sound(other)
    headers = site.token(attacker, scope="read")
    answers = [
        requests.get(
            f"{site.server.url}/media/audio/{key}.wav?format={name}",
            headers=headers | {"Prefer": "respond-async"},
            timeout=GIVE_UP,
        ).status_code
        for key in done
        for name in ("flac", "ogg", "mp3")
    ]
    writing = site.token(attacker)
    for key in done:
        for name in ("flac", "ogg", "mp3"):
            requests.get(
                f"{site.server.url}/media/audio/{key}.wav?format={name}",
                headers=writing,
                timeout=GIVE_UP,
            )
    behind = _seconds_to_sound(other)
    taken = sum(answer in (200, 202) for answer in answers)
    return (
        f"{taken} of {len(answers)} taken from the reading token; another's 5 s of sound takes "
        f"{behind:.1f} s behind those of a writing one, {alone:.1f} s alone"
    )


_numbers = count(100)


def _seconds_to_sound(person: Person) -> float:
    began = monotonic()
    key = person.make_soundscape(photo(next(_numbers)), duration=5)
    person.wait_until(key, "ready", "failed", seconds=400)
    return monotonic() - began


def searches(site: Site) -> str:
    """A search of history for a hundred words of one letter."""
    person = Person(site.server)
    words = " ".join(chr(97 + number % 26) for number in range(100))
    began = monotonic()
    answer = person.get(f"{site.server.url}/soundscapes/", params={"q": words}, timeout=GIVE_UP)
    return f"{monotonic() - began:.2f} s, {answer.status_code}"


def large_clip(site: Site) -> str:
    """A curator's FLAC of some kilobytes: twenty minutes of silence in eight channels at 96 kHz."""
    sound = io.BytesIO()
    with soundfile.SoundFile(sound, "w", 96_000, 8, format="FLAC") as file:
        for _ in range(20 * 60):
            file.write(np.zeros((96_000, 8), np.float32))
    curator = site.curator()
    path = f"{site.server.url}/admin/soundscapes/clip/add/"
    category = re.search(r'<option value="([^"]+)">\w', curator.get(path, timeout=GIVE_UP).text)
    assert category, "the form has no categories"
    before = site.web_memory()
    answer = curator.post(
        path,
        data={"csrfmiddlewaretoken": token_of(curator, path), "category": category[1]},
        files={"upload": ("silence.flac", sound.getvalue())},
        timeout=600,
    )
    return (
        f"{len(sound.getvalue()) / 1000:.0f} kB: a web process has {site.web_memory()} MB at most, "
        f"{before} before; answer {answer.status_code}"
    )


GONE = """
from datetime import timedelta
from django.utils import timezone
from soundscapes.models import Generation, Image, User
user = User.objects.get(username="{name}")
image = Image.objects.filter(owner=None).first()
gone = timezone.now() - timedelta(hours=1)
Generation.objects.bulk_create(
    Generation(owner=user, image=image, seed=seed, duration=5, layer_count=1, deleted_at=gone)
    for seed in range(6000)
)
"""


def purging(site: Site) -> str:
    """The minute's purge of 6,000 deleted soundscapes: how long does another writer wait?"""
    person = Person(site.server)
    key = person.make_soundscape(photo(3), duration=5)
    person.wait_until(key, "ready")
    manage(site.server.env, "shell", "-v0", "-c", GONE.format(name=person.name))
    left = "SELECT count(*) FROM soundscapes_generation WHERE deleted_at IS NOT NULL"
    waits, ends = [0.0], monotonic() + 150
    while monotonic() < ends and site.server.query(left) != [(0,)]:
        began = monotonic()
        person.submit(f"/soundscapes/{key}/favourite/")
        waits.append(monotonic() - began)
        sleep(0.02)
    return f"{max(waits):.2f} s at worst; {site.server.query(left)[0][0]} are left"


def slow_storage(site: Site) -> str:
    """Ten minutes of sound with their layers, into a storage that takes 5 MB a second."""
    person = Person(site.server)
    began = monotonic()
    key = person.make_soundscape(photo(4), duration=600, layer_count=3)
    end = person.wait_until(key, "ready", "failed", seconds=900)
    query = "SELECT attempts FROM soundscapes_generation WHERE state <> 'gone'"
    (attempts,) = site.server.query(query)[0]
    return f"{end['state']} at attempt {attempts}, after {monotonic() - began:.0f} s"


def large_photo(site: Site) -> str:
    """A curator's upload of an image of 300 MB."""
    curator = site.curator()
    path = f"{site.server.url}/admin/soundscapes/image/add/"
    before = site.web_memory()
    answer = curator.post(
        path,
        data={"csrfmiddlewaretoken": token_of(curator, path), "image_set": "1"},
        files={"upload": ("photo.jpg", photo(5) + bytes(300_000_000))},
        timeout=600,
    )
    return (
        f"a web process has {site.web_memory()} MB at most, {before} before; "
        f"answer {answer.status_code}"
    )
