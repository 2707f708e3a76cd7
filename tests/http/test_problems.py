"""API errors as problems of RFC 9457, including those of Django."""

import logging

import pytest
from django.urls import reverse

from soundscapes.api import documented
from soundscapes.http.logs import RequestIdFilter
from tests import factories
from tests.http.problems import assert_problem

pytestmark = pytest.mark.django_db


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


def test_a_crash_is_a_500_with_the_request_id_of_the_log(api, monkeypatch, caplog, owner):
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


def test_a_range_outside_the_file_is_a_problem(api, owner):
    generation = factories.GenerationFactory(owner=owner, ready=True)
    answer = api.get(reverse("audio", args=[generation.pk]), headers={"Range": "bytes=9999999-"})
    assert_problem(answer, 416, "range-not-satisfiable")
