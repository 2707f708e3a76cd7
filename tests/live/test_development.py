"""`manage.py dev`, which `make dev` calls."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from soundscapes.jobs.supervisor import is_listening
from tests.live.installations import copy_of
from tests.live.server import PROJECT, Person, Server, running, until

pytestmark = [pytest.mark.slow, pytest.mark.once]


def processes(server: Server, word: str) -> set[int]:
    """The ids of its processes whose command has a word."""
    found = set()
    for process in server.descendants():
        try:
            if word in process.cmdline():
                found.add(process.pid)
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="module")
def developed(template) -> Iterator[Server]:
    with copy_of(template) as env, running(env | {"DEBUG": "on"}, "dev") as server:
        yield server


def test_errors_are_readable(developed):
    page = requests.get(f"{developed.url}/nowhere/", timeout=30)
    assert "Using the URLconf defined in" in page.text
    assert "Content-Security-Policy" not in page.headers  # it would block the page's styles


def test_a_change_of_code_reloads_the_web_server_and_restarts_the_workers(developed, photo):
    developed.wait_for_worker()
    person = Person(developed)
    person.wait_until(person.make_soundscape(photo), "ready")
    workers = processes(developed, "qcluster")
    os.utime(PROJECT / "soundscapes/kinds.py")
    until(lambda: processes(developed, "qcluster").isdisjoint(workers), 30, "the restart")
    until(lambda: developed.log().count("Starting development server") == 2, 30, "the reload")
    until(lambda: is_listening("127.0.0.1", urlsplit(developed.url).port), 30, "the server")
    person.wait_until(person.make_soundscape(photo, duration=10), "ready")
