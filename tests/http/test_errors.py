"""Error pages, which say what to do and show the request id of the log."""

import logging
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from soundscapes.http.logs import RequestIdFilter
from soundscapes.http.middleware import MAX_BODY
from soundscapes.web import studio
from tests.web.pages import inline_code

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def browser(sign_in, owner):
    browser = sign_in(owner)
    browser.raise_request_exception = False
    return browser


@pytest.fixture
def log(caplog):
    """Capture log records with the ids of their requests."""
    caplog.handler.addFilter(RequestIdFilter())
    caplog.set_level(logging.WARNING)
    return caplog


def unreadable(browser, _monkeypatch):
    return browser.get("/", headers={"Host": "elsewhere.example"})


def forbidden(browser, monkeypatch):
    def refuse():
        raise PermissionDenied

    monkeypatch.setattr(studio, "current_encoder", refuse)
    return browser.get(reverse("studio"))


def without_token(_browser, _monkeypatch):
    return Client(enforce_csrf_checks=True).post(reverse("account_login"))


def nowhere(browser, _monkeypatch):
    return browser.get(f"/soundscapes/{uuid4()}/")


def wrong_method(browser, _monkeypatch):
    return browser.get(reverse("create"))


def announced_too_large(browser, _monkeypatch):
    headers = {"Accept": "text/html", "Content-Length": str(MAX_BODY + 1)}
    return browser.post(reverse("create"), headers=headers)


def fields_too_long(browser, _monkeypatch):
    return browser.post(reverse("create"), {"seed": "1" * (3 * 2**20)})


def too_often(_browser, _monkeypatch):
    client = Client()
    for _number in range(21):
        answer = client.post(reverse("account_login"), {"login": "somebody", "password": "guess"})
    return answer


def crash(browser, monkeypatch):
    def broken():
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr(studio, "current_encoder", broken)
    return browser.get(reverse("studio"))


ERRORS = {
    400: unreadable,
    403: forbidden,
    "CSRF": without_token,
    404: nowhere,
    405: wrong_method,
    413: announced_too_large,
    "413 of fields": fields_too_long,
    429: too_often,
    500: crash,
}


@pytest.mark.parametrize("name", ERRORS)
def test_error_pages_show_the_request_id_of_the_log(name, browser, monkeypatch, log):
    answer = ERRORS[name](browser, monkeypatch)
    status = {"CSRF": 403, "413 of fields": 413}.get(name, name)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    is_shown = f">{answer['X-Request-ID']}<" in answer.text
    assert is_shown == (name not in (404, 405))  # dead links are nobody's fault
    assert answer["X-Request-ID"] in {record.request_id for record in log.records}
    assert "<h1>" in answer.text
    assert inline_code(answer.text) == []
    assert "secret of the server" not in answer.text


@pytest.mark.parametrize("name", [403, 404, 405, 413, "413 of fields", 500])
def test_htmx_gets_an_error_as_a_notice_beside_the_page(name, browser, monkeypatch):
    browser.defaults["HTTP_HX_REQUEST"] = "true"
    answer = ERRORS[name](browser, monkeypatch)
    assert answer.status_code == {"413 of fields": 413}.get(name, name)
    assert answer["HX-Retarget"] == "#notices"
    assert 'role="alert"' in answer.text
    assert "<html" not in answer.text
    assert "secret of the server" not in answer.text


@pytest.mark.parametrize("opened", ["/soundscapes/?q=rain", "/"])
def test_a_signed_out_visitor_returns_to_the_open_page(opened, client):
    sign_in = f"{reverse('account_login')}?{urlencode({'next': opened})}"
    answer = client.post(reverse("create"), headers={"Referer": f"http://testserver{opened}"})
    assert answer.url == sign_in
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{opened}"}
    answer = client.post(reverse("create"), headers=headers)
    assert answer.status_code == 401
    assert f'href="{sign_in}"' in answer.text


def test_a_wrong_method_page_explains_what_to_do(browser):
    answer = browser.get(reverse("create"))
    assert answer["Allow"] == "POST"
    assert reverse("account_logout") in answer.text  # the user is still signed in
