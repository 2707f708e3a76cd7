"""Exceptions of DRF and of services as problem details (RFC 9457)."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests import sample_files
from tests.http.problems import assert_problem

pytestmark = pytest.mark.django_db


def test_drf_errors_are_problems(api, client, owner):
    assert_problem(client.get("/random_image"), 401, "not-signed-in")
    assert_problem(api.post("/random_image"), 405, "method-not-allowed")
    page = api.get(reverse("api_image", args=[uuid4()]), headers={"Accept": "text/html"})
    assert_problem(page, 406, "not-acceptable")
    assert_problem(
        api.post("/upload_image", {"a": 1}, format="json"), 415, "unsupported-media-type"
    )
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    assert_problem(browser.post("/upload_image"), 403, "not-allowed")


def test_errors_have_pointers(api):
    problem = assert_problem(api.get("/generate_audio", {"mode": "x"}), 400, "invalid-request")
    (error,) = problem["errors"]
    assert (error["pointer"], error["in"], error["code"]) == ("#/mode", "query", "invalid_choice")
    bad = sample_files.BAD_PHOTOS["truncated"].make()
    answer = api.post("/upload_image", {"image": sample_files.upload(bad)}, format="multipart")
    (error,) = assert_problem(answer, 400, "invalid-request")["errors"]
    assert (error["pointer"], error["in"], error["code"]) == ("#/image", "body", "truncated")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/generate_audio?mode=x", "calm, faithful"),
        ("/generate_audio?format=x", "wav, flac, ogg, mp3"),
        ("/api/v1/jobs/?status=x", "queued, running"),
        ("/api/v1/generations/?state=x", "ready, failed"),
        ("/api/v1/images/?ordering=x", "created_at, -created_at"),
        ("/api/v1/images/?created_after=x", "such as 2026-11-29T10:00:00Z"),
        ("/api/v1/images/?page=9", "There is no page 9"),
        ("/random_image?image_set=00000000-0000-4000-8000-000000000000", "Check the id"),
    ],
)
def test_errors_say_what_is_possible(api, url, words):
    assert words in api.get(url).json()["detail"]


def test_errors_say_what_to_send(api, client):
    assert "Authorization: Bearer" in client.get("/random_image").json()["detail"]
    answer = api.post("/upload_image", {"a": 1}, format="json")
    assert "Send multipart/form-data." in answer.json()["detail"]
