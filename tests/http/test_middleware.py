"""What holds for every request: its id, its size, its methods and its parameters."""

import pytest

from soundscapes.http.middleware import MAX_BODY
from tests.http.problems import assert_problem

pytestmark = pytest.mark.django_db


def test_a_body_that_is_announced_too_large_is_413_whatever_is_accepted(client):
    answer = client.post(
        "/upload_image",
        headers={"Content-Length": str(MAX_BODY + 1), "Accept": "text/html"},
    )
    assert_problem(answer, 413, "too-large")


def test_every_answer_has_a_request_id_and_a_proxy_s_is_kept(client):
    first, second = client.get("/")["X-Request-ID"], client.get("/")["X-Request-ID"]
    assert first != second
    assert client.get("/", headers={"X-Request-ID": "proxy-12345"})["X-Request-ID"] == "proxy-12345"
    forged = client.get("/", headers={"X-Request-ID": "two words\n"})
    assert "two" not in forged["X-Request-ID"]
