"""Every error under the API is a problem as in RFC 9457, whoever raises it."""

import logging
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from soundscapes.api import documented
from soundscapes.http.logs import RequestIdFilter
from soundscapes.http.middleware import MAX_BODY
from tests import factories, sample_files

pytestmark = pytest.mark.django_db


def assert_problem(answer, status, slug):
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] == f"/api/v1/problems/{slug}/"
    assert problem["title"]
    assert problem["detail"].endswith(".")
    assert problem["instance"] == answer.wsgi_request.path
    assert problem["request_id"] == answer["X-Request-ID"]
    return problem


@pytest.mark.parametrize("path", ["/api/v1/images/nonsense/", "/api/v1/nothing", "/media/nothing"])
def test_django_s_own_404_is_a_problem(api, path):
    assert_problem(api.get(path), 404, "not-found")


def test_a_page_s_404_stays_a_page(client):
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_django_s_own_400_is_a_problem(api):
    answer = api.get("/random_image", headers={"Host": "elsewhere.example"})
    assert_problem(answer, 400, "invalid-request")


def test_too_many_fields_are_a_problem(api):
    answer = api.post("/upload_image", {f"f{n}": "x" for n in range(1001)}, format="multipart")
    assert_problem(answer, 400, "invalid-request")


def test_fields_that_are_too_long_are_413(api):
    answer = api.post("/upload_image", {"image": "x" * (3 * 2**20)}, format="multipart")
    assert_problem(answer, 413, "too-large")


def test_a_body_that_is_announced_too_large_is_413_whatever_is_accepted(client):
    answer = client.post(
        "/upload_image",
        headers={"Content-Length": str(MAX_BODY + 1), "Accept": "text/html"},
    )
    assert_problem(answer, 413, "too-large")


def test_a_crash_is_a_500_that_names_the_line_in_the_log(api, monkeypatch, caplog, owner):
    def crash(_user):
        raise RuntimeError("secret words")

    monkeypatch.setattr(documented.images, "random_image", crash)
    api.raise_request_exception = False
    caplog.handler.addFilter(RequestIdFilter())
    with caplog.at_level(logging.ERROR):
        problem = assert_problem(api.get("/random_image"), 500, "server-error")
    assert "secret" not in str(problem)
    assert problem["request_id"] in {record.request_id for record in caplog.records}


def test_a_crash_of_a_page_stays_a_page(sign_in, owner, monkeypatch):
    monkeypatch.setattr("soundscapes.web.studio.OptionsForm", None)
    browser = sign_in(owner)
    browser.raise_request_exception = False
    answer = browser.get("/")
    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("text/html")


def test_drf_s_refusals_are_problems(api, client, owner):
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


def test_a_range_outside_the_file_is_a_problem(api, owner):
    generation = factories.GenerationFactory(owner=owner, ready=True)
    answer = api.get(reverse("audio", args=[generation.pk]), headers={"Range": "bytes=9999999-"})
    assert_problem(answer, 416, "range-not-satisfiable")


def test_what_is_wrong_is_pointed_at(api):
    problem = assert_problem(api.get("/generate_audio", {"mode": "x"}), 400, "invalid-request")
    (error,) = problem["errors"]
    assert (error["pointer"], error["in"], error["code"]) == ("#/mode", "query", "invalid_choice")
    bad = sample_files.BAD_PHOTOS["truncated"].make()
    answer = api.post("/upload_image", {"image": sample_files.upload(bad)}, format="multipart")
    (error,) = assert_problem(answer, 400, "invalid-request")["errors"]
    assert (error["pointer"], error["in"], error["code"]) == ("#/image", "body", "truncated")


def test_every_answer_has_a_request_id_and_a_proxy_s_is_kept(client):
    first, second = client.get("/")["X-Request-ID"], client.get("/")["X-Request-ID"]
    assert first != second
    assert client.get("/", headers={"X-Request-ID": "proxy-12345"})["X-Request-ID"] == "proxy-12345"
    forged = client.get("/", headers={"X-Request-ID": "two words\n"})
    assert "two" not in forged["X-Request-ID"]
