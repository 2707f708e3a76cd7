"""Attacks by one visitor on a running server with default settings.

Each prints its effect on a person who uses the site at the same time.

    python -m benchmarks.attacks [NAME ...]
"""

from __future__ import annotations

import argparse
import io
import re
import resource
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import monotonic, sleep
from urllib.parse import urlsplit

import numpy as np
import psutil
import requests
import soundfile

from tests.live.installations import Template, copy_of
from tests.live.server import Person, Server, manage, running
from tests.sample_files import photo

GIVE_UP = 60.0  # seconds
PASSWORD = "sounds-of-the-sea"  # noqa: S105
MAKE_TOKEN = """
from soundscapes.models import User
from soundscapes.accounts import users
user = User.objects.get(username="{name}")
print(users.create_token(user, "attack", **({options}))[1])
"""  # noqa: S105


@dataclass
class Site:
    server: Server

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", urlsplit(self.server.url).port or 0

    def token(self, person: Person, **options: object) -> dict[str, str]:
        script = MAKE_TOKEN.format(name=person.name, options=options)
        secret = manage(self.server.env, "shell", "-v0", "-c", script).strip()
        return {"Authorization": f"Bearer {secret}"}

    def connect(self, data: bytes) -> socket.socket:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(GIVE_UP)
        connection.connect(self.address)
        connection.sendall(data)
        return connection

    def health(self, asked: int = 20) -> str:
        """Measure the response time of /healthz."""
        taken = []
        for _ in range(asked):
            began = monotonic()
            try:
                requests.get(f"{self.server.url}/healthz", timeout=GIVE_UP)
            except requests.RequestException:
                return f"/healthz does not respond within {GIVE_UP:.0f} s"
            taken.append(monotonic() - began)
            sleep(0.05)
        return f"/healthz {1000 * median(taken):.0f} ms (median), {1000 * max(taken):.0f} (max)"

    @contextmanager
    def health_meanwhile(self, lines: list[str]) -> Iterator[None]:
        ended, rows = Event(), []

        def ask() -> None:
            while not ended.is_set():
                rows.append(self.health(1))

        thread = Thread(target=ask)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            numbers = [float(row.split("(median), ")[1].split()[0]) for row in rows if "max" in row]
            lost = len(rows) - len(numbers)
            lines.append(f"/healthz {max(numbers, default=0):.0f} ms at worst, {lost} unanswered")

    def shared_sound(self, duration: int = 30) -> str:
        """Return the audio URL's path of a publicly shared soundscape."""
        person = Person(self.server)
        key = person.make_soundscape(photo(1), duration=duration)
        person.wait_until(key, "ready", "failed")
        page = person.submit(f"/soundscapes/{key}/share/")
        found = re.search(r"/s/([\w-]+)/", page.text)
        assert found, "no link"
        return f"/s/{found[1]}/audio.wav"

    def web_memory(self) -> int:
        """Return the peak memory of the largest web process, in MB."""
        peaks = [0]
        for process in self.server.descendants():
            if "gunicorn" in " ".join(process.cmdline()):
                status = Path(f"/proc/{process.pid}/status").read_text()
                peaks.append(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
        return max(peaks)


def waiting_calls(site: Site) -> str:
    """Forty requests with one token, each waiting for an hour of audio."""
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

    lines: list[str] = []
    with ThreadPoolExecutor(40) as pool, site.health_meanwhile(lines):
        responses = list(pool.map(call, range(40)))
    accepted = sum(response in (200, 202) for response in responses)
    return f"{lines[0]}; {accepted} of 40 accepted, {responses.count(0)} without a response"


def slow_sockets(site: Site) -> str:
    """500 requests that never end, and 200 downloads of shared audio that are never read."""
    path = site.shared_sound()
    held = [site.connect(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ") for _ in range(500)]
    alone = site.health()
    if "not respond" not in alone:
        line = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        held += [site.connect(line) for _ in range(200)]
        burst = site.health()
        sleep(2)
        alone = f"{alone}; as the downloads begin {burst}; with them {site.health()}"
    for connection in held:
        connection.close()
    return alone


def sign_ups(site: Site) -> str:
    """Forty-five accounts from one IP address, each queueing twelve hours of audio."""
    made, queued = 0, 0
    for _ in range(45):
        try:
            person = Person(site.server)
        except AssertionError:
            continue
        made += "sessionid" in person.cookies
        for number in range(12):
            response = person.post(
                f"{site.server.url}/api/v1/generations/",
                json={"duration": 3600, "seed": number},
                headers={"X-CSRFToken": person.cookies.get("csrftoken", "")},
                timeout=GIVE_UP,
            )
            queued += response.status_code == 202
    return f"{made} of 45 accounts, {queued} hours of audio queued"


def conversions(site: Site) -> str:
    """Fourteen one-hour conversions with a read-only token, and another person's 5 s of audio."""
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
    responses = [
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
    accepted = sum(response in (200, 202) for response in responses)
    return (
        f"{accepted} of {len(responses)} accepted with the read-only token; another's 5 s take "
        f"{behind:.1f} s behind those of a read-write token, {alone:.1f} s alone"
    )


_numbers = count(100)


def _seconds_to_sound(person: Person) -> float:
    began = monotonic()
    key = person.make_soundscape(photo(next(_numbers)), duration=5)
    person.wait_until(key, "ready", "failed", seconds=400)
    return monotonic() - began


def script_name(site: Site) -> str:
    """A SCRIPT_NAME header: does it evade the sign-in limit, and does the prefix persist?"""
    headers = {"SCRIPT_NAME": "/x", "Script-Name": "/x"}
    page = requests.get(f"{site.server.url}/x/account/sign-in/", headers=headers, timeout=GIVE_UP)
    after = requests.get(f"{site.server.url}/account/sign-in/", timeout=GIVE_UP)
    stays = "stays" if "/x/" in after.text else "does not stay"
    return f"the prefixed page returns {page.status_code}; the prefix {stays} in later pages"


def sign_in(site: Site, session: requests.Session, name: str, password: str) -> int:
    path = f"{site.server.url}/account/sign-in/"
    fields = {"username": name, "password": password, "csrfmiddlewaretoken": _token(session, path)}
    return session.post(path, data=fields, timeout=GIVE_UP).status_code


def _token(session: requests.Session, address: str) -> str:
    page = session.get(address, timeout=GIVE_UP)
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    return found[1] if found else ""


def guesses(site: Site) -> str:
    """Thirty-one wrong guesses by a stranger: can the owner still sign in from a known device?"""
    owner = Person(site.server)
    sign_in(site, owner, owner.name, owner.password)
    statuses = [
        sign_in(site, requests.Session(), owner.name, f"wrong {number}") for number in range(31)
    ]
    owner.cookies.pop("sessionid")
    response = sign_in(site, owner, owner.name, owner.password)
    is_in = "signed in" if "sessionid" in owner.cookies else f"refused ({response})"
    return f"{statuses.count(429)} of 31 guesses refused; the owner is {is_in}"


def searches(site: Site) -> str:
    """A search of the history for a hundred one-letter words."""
    person = Person(site.server)
    words = " ".join(chr(97 + number % 26) for number in range(100))
    began = monotonic()
    response = person.get(f"{site.server.url}/soundscapes/", params={"q": words}, timeout=GIVE_UP)
    return f"{monotonic() - began:.2f} s, {response.status_code}"


def large_clip(site: Site) -> str:
    """A curator's FLAC of a few kilobytes: twenty minutes of silence, eight channels at 96 kHz."""
    script = "from soundscapes.models import User; User.objects.create_superuser('curator', "
    manage(site.server.env, "shell", "-v0", "-c", f"{script}password='{PASSWORD}')")
    sound = io.BytesIO()
    with soundfile.SoundFile(sound, "w", 96_000, 8, format="FLAC") as file:
        for _ in range(20 * 60):
            file.write(np.zeros((96_000, 8), np.float32))
    curator = requests.Session()
    sign_in(site, curator, "curator", PASSWORD)
    path = f"{site.server.url}/admin/soundscapes/clip/add/"
    category = re.search(r'<option value="([^"]+)">\w', curator.get(path, timeout=GIVE_UP).text)
    assert category, "the form has no categories"
    before = site.web_memory()
    response = curator.post(
        path,
        data={"csrfmiddlewaretoken": _token(curator, path), "category": category[1]},
        files={"upload": ("silence.flac", sound.getvalue())},
        timeout=600,
    )
    return (
        f"{len(sound.getvalue()) / 1000:.0f} kB: a web process has {site.web_memory()} MB at most, "
        f"{before} before; response {response.status_code}"
    )


ATTACKS: dict[str, Callable[[Site], str]] = {
    "waiting": waiting_calls,
    "sockets": slow_sockets,
    "sign-up": sign_ups,
    "conversions": conversions,
    "script-name": script_name,
    "guesses": guesses,
    "search": searches,
    "clip": large_clip,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ATTACKS))
    names = parser.parse_args(arguments).names or list(ATTACKS)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(f"{psutil.cpu_count()} cores; every attack on its own installation")
    with tempfile.TemporaryDirectory() as folder:
        template = Template(Path(folder) / "template")
        template.make()
        for name in names:
            attack = ATTACKS[name]
            print(f"{name}: {attack.__doc__}", flush=True)
            with copy_of(template) as env, running(env) as server:
                server.wait_for_worker()
                print(f"    {attack(Site(server))}", flush=True)


if __name__ == "__main__":
    main()
