"""Pages and health checks stay responsive while many programs wait for a worker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import requests

from tests.live.server import PROJECT, Person, Server, free_port, until
from tests.sample_files import photo

pytestmark = pytest.mark.slow

CALLS = 20
WAITING_AT_MOST = 8  # API_WAITERS in each of two web processes


@pytest.fixture
def web_alone(installed) -> Iterator[Server]:
    """The web server without any workers."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config=config/gunicorn.py"]
    with subprocess.Popen(
        [*command, f"--bind=127.0.0.1:{port}"], cwd=PROJECT, env=installed
    ) as process:
        server = Server(process, f"http://127.0.0.1:{port}", installed)
        until(lambda: _answers(server), 60, "the first response")
        yield server
        stop(server)


def stop(server: Server) -> None:
    for child in [*server.descendants(), server.process]:
        child.kill()


def _answers(server: Server) -> bool:
    try:
        return requests.get(f"{server.url}/healthz", timeout=60).ok
    except requests.ConnectionError:
        return False


def test_pages_and_health_respond_while_twenty_calls_wait(web_alone):
    person = Person(web_alone)
    headers = {"X-CSRFToken": person.cookies["csrftoken"]}
    cookies = person.cookies.get_dict()

    def call(number: int) -> int:
        return requests.post(
            f"{web_alone.url}/upload_image",
            files={"image": photo(number)},
            headers=headers,
            cookies=cookies,
            timeout=60,
        ).status_code

    with ThreadPoolExecutor(CALLS) as pool:
        calls = [pool.submit(call, number) for number in range(CALLS)]

        def waiting() -> list[Future[int]]:
            return [each for each in calls if not each.done()]

        until(lambda: len(waiting()) <= WAITING_AT_MOST, 60, "responses to the other calls")
        answered = [each.result() for each in calls if each.done()]
        assert answered == [202] * len(answered)
        for path in ("/healthz", "/", "/soundscapes/"):
            assert (
                requests.get(web_alone.url + path, cookies=cookies, timeout=10).status_code == 200
            )
        assert waiting(), "all calls had ended before the pages were requested"
        stop(web_alone)  # they would wait for twenty seconds
