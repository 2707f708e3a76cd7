"""Locust users for benchmarks/load.py: people and programs."""

from __future__ import annotations

import os
import re
from time import monotonic
from uuid import uuid4

import gevent
import requests
from locust import HttpUser, between, constant_pacing, task
from requests import Response

from benchmarks.images import photo

Files = dict[str, tuple[str, bytes, str]]

PATIENCE = 300.0  # seconds
SECRET = "sounds-of-the-sea"  # noqa: S105 - of simulated users


class Person(HttpUser):
    """Signs up, uploads, waits, listens, browses. Requests that a click waits for are `page …`."""

    wait_time = between(2, 8)

    def on_start(self) -> None:
        fields = {"username": f"load-{uuid4().hex}", "password1": SECRET, "password2": SECRET}
        self.send("/account/signup/", "/account/signup/", "sign up", fields)
        self.made: list[str] = []

    def send(
        self, path: str, form: str, name: str, fields: dict[str, str], files: Files | None = None
    ) -> Response:
        """Fill in a page's form and send it to a path."""
        page = self.client.get(form, name="page with a form")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        fields = fields | {"csrfmiddlewaretoken": token[1] if token else ""}
        with self.client.post(
            path, fields, files=files, name=name, catch_response=True
        ) as response:
            if _is_refused(response):
                response.request_meta["name"] = f"{name}, refused"
                response.success()
        return response

    @task(2)
    def make(self) -> None:
        files = {"image": ("photo.jpg", photo(), "image/jpeg")}
        response = self.send("/soundscapes/new/", "/", "upload", {}, files)
        key = response.url.rstrip("/").rpartition("/")[2]
        if response.status_code < requests.codes.bad and self.wait_for(key):
            self.made.append(key)
            self.listen()

    def wait_for(self, key: str) -> bool:
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            with self.client.get(
                f"/api/v1/generations/{key}/", name="progress", catch_response=True
            ) as response:
                state = response.json().get("state") if response.ok else None
                if state in ("failed", "cancelled", None):
                    response.failure(f"the soundscape is {state}: {response.text[:200]}")
                    return False
                if state == "ready":
                    return True
            gevent.sleep(1)
        return False

    @task(1)
    def listen(self) -> None:
        if self.made:
            self.client.get(f"/soundscapes/{self.made[-1]}/", name="page of a soundscape")
            self.client.get(
                f"/media/audio/{self.made[-1]}.wav",
                headers={"Range": "bytes=0-1048575"},
                name="sound, the first MB",
            )

    @task(4)
    def browse(self) -> None:
        self.client.get("/", name="page: studio")
        self.client.get("/soundscapes/", name="page: history")


class Program(HttpUser):
    """Requests soundscapes at a fixed pace, whatever the response."""

    wait_time = constant_pacing(float(os.environ.get("LOAD_PACE", "1")))

    def on_start(self) -> None:
        self.client.headers["Authorization"] = f"Bearer {os.environ['LOAD_TOKEN']}"

    @task
    def ask(self) -> None:
        with self.client.post(
            "/api/v1/generations/",
            json={"image": os.environ["LOAD_IMAGE"], "duration": 30},
            catch_response=True,
        ) as response:
            is_refused = _is_refused(response)
            if response.status_code == 202 or is_refused:
                response.request_meta["name"] = "refused" if is_refused else "accepted"
                response.success()


def _is_refused(response: Response) -> bool:
    """Return whether the request was refused properly, with a Retry-After header."""
    return response.status_code in (429, 503) and "Retry-After" in response.headers
