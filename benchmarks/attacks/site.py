"""The attacked application, as an attacker and a visitor reach it."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import monotonic, sleep
from urllib.parse import urlsplit

import requests

from tests.live.server import Person, Server, manage
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
        """Time /healthz repeatedly."""
        taken = []
        for _ in range(asked):
            began = monotonic()
            try:
                requests.get(f"{self.server.url}/healthz", timeout=GIVE_UP)
            except requests.RequestException:
                return f"/healthz does not answer within {GIVE_UP:.0f} s"
            taken.append(monotonic() - began)
            sleep(0.05)
        return f"/healthz {1000 * median(taken):.0f} ms (median), {1000 * max(taken):.0f} (max)"

    @contextmanager
    def health_meanwhile(self, said: list[str]) -> Iterator[None]:
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
            said.append(f"/healthz {max(numbers, default=0):.0f} ms at worst, {lost} unanswered")

    def shared_sound(self, duration: int = 30) -> str:
        """The path of a soundscape's audio by a public link."""
        person = Person(self.server)
        key = person.make_soundscape(photo(1), duration=duration)
        person.wait_until(key, "ready", "failed")
        page = person.submit(f"/soundscapes/{key}/share/")
        found = re.search(r"/s/([\w-]+)/", page.text)
        assert found, "no link"
        return f"/s/{found[1]}/audio.wav"

    def curator(self, name: str = "curator") -> requests.Session:
        """Sign in as a new administrator."""
        script = f"from soundscapes.models import User; User.objects.create_superuser('{name}', "
        manage(self.server.env, "shell", "-v0", "-c", f"{script}password='{PASSWORD}')")
        session = requests.Session()
        sign_in(self, session, name, PASSWORD)
        return session

    def web_memory(self) -> int:
        """The most that a web process has had, in MB."""
        peaks = [0]
        for process in self.server.descendants():
            if "gunicorn" in " ".join(process.cmdline()):
                status = Path(f"/proc/{process.pid}/status").read_text()
                peaks.append(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
        return max(peaks)


def sign_in(site: Site, session: requests.Session, name: str, password: str) -> int:
    path = f"{site.server.url}/account/login/"
    fields = {
        "username": name,
        "password": password,
        "csrfmiddlewaretoken": token_of(session, path),
    }
    return session.post(path, data=fields, timeout=GIVE_UP).status_code


def token_of(session: requests.Session, address: str) -> str:
    page = session.get(address, timeout=GIVE_UP)
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    return found[1] if found else ""
