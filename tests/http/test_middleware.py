"""Ids, sizes, methods and parameters of requests."""

import pytest
from django.test import Client
from django.urls import reverse

from soundscapes.http.middleware import MAX_ADMIN_BODY, MAX_BODY
from tests import factories
from tests.http.problems import assert_problem

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_too_large_content_length_is_413_for_any_accept_header(client):
    answer = client.post(
        "/upload_image",
        headers={"Content-Length": str(MAX_BODY + 1), "Accept": "text/html"},
    )
    assert_problem(answer, 413, "too-large")


def test_every_response_has_a_request_id_and_keeps_a_proxy_s(client):
    first, second = client.get("/")["X-Request-ID"], client.get("/")["X-Request-ID"]
    assert first != second
    assert client.get("/", headers={"X-Request-ID": "proxy-12345"})["X-Request-ID"] == "proxy-12345"
    forged = client.get("/", headers={"X-Request-ID": "two words\n"})
    assert "two" not in forged["X-Request-ID"]


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [("text/html", "text/html"), ("application/json", "application/problem+json")],
)
def test_a_huge_request_is_refused_by_its_content_length(accepted, kind):
    answer = Client().post(
        reverse("create"),
        b"x",
        content_type="application/octet-stream",
        headers={"accept": accepted, "content-length": str(MAX_BODY + 1)},
    )
    assert answer.status_code == 413
    assert f"the maximum is {MAX_BODY // 2**20} MB" in answer.text
    assert answer["Content-Type"].startswith(kind)


@pytest.mark.parametrize(
    ("address", "is_staff", "length", "is_refused"),
    [
        ("/admin/soundscapes/clip/esc50/", True, MAX_ADMIN_BODY, False),
        ("/admin/soundscapes/clip/esc50/", True, MAX_ADMIN_BODY + 1, True),
        ("/admin/soundscapes/clip/esc50/", False, MAX_BODY + 1, True),
        ("/soundscapes/new/", True, MAX_BODY + 1, True),
    ],
    ids=["staff", "staff, too much", "others", "staff elsewhere"],
)
def test_staff_can_send_larger_requests_to_the_admin(
    sign_in, db, address, is_staff, length, is_refused
):
    client = sign_in(factories.UserFactory(is_staff=is_staff))
    answer = client.post(address, headers={"content-length": str(length)})
    assert (answer.status_code == 413) is is_refused


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_missing_slash_keeps_the_method(client, method):
    answer = getattr(client, method)("/api/v1/images")
    assert answer.status_code == 308
    assert answer["Location"] == "/api/v1/images/"


@pytest.mark.parametrize("name", ["random_image", "upload_image", "generate_audio"])
def test_an_extra_slash_at_a_documented_url_is_a_problem(client, name):
    answer = client.get(f"/{name}/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_private_pages_are_not_cached(sign_in, owner):
    browser = sign_in(owner)
    for path in ("/", "/soundscapes/", "/account/", "/api/v1/images/", "/nothing-here/"):
        assert {"private", "no-store"} <= set(browser.get(path)["Cache-Control"].split(", "))


def test_pages_and_json_are_compressed_for_who_accepts_it(sign_in, owner):
    factories.GenerationFactory.create_batch(5, owner=owner, ready=True)
    browser = sign_in(owner)
    for path in (reverse("history"), "/api/v1/generations/"):
        plain = browser.get(path)
        packed = browser.get(path, headers={"Accept-Encoding": "gzip"})
        assert (plain.get("Content-Encoding"), packed["Content-Encoding"]) == (None, "gzip")
        assert len(packed.content) < len(plain.content) / 2


def test_audio_keeps_its_bytes_and_ranges(sign_in, owner):
    generation = factories.GenerationFactory(owner=owner, ready=True)
    headers = {"Accept-Encoding": "gzip", "Range": "bytes=0-999"}
    part = sign_in(owner).get(reverse("audio", args=[generation.pk]), headers=headers)
    assert (part.status_code, part.get("Content-Encoding")) == (206, None)
    assert int(part["Content-Length"]) == 1000
