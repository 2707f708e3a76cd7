"""The cookie of known devices."""

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from soundscapes.http import devices
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def cookie(client, owner):
    fields = {"login": owner.username, "password": factories.PASSWORD}
    return client.post(reverse("account_login"), fields).cookies["device"]


def is_known(cookie, user) -> bool:
    request = RequestFactory().post("/", headers={"Cookie": f"device={cookie}"})
    return devices.known_device(request, user) is not None


def test_the_cookie_is_http_only_and_lasts_a_year(cookie):
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["max-age"] == 365 * 86_400


def test_the_cookie_is_bound_to_an_account_and_its_password(cookie, owner, stranger):
    assert is_known(cookie.value, owner)
    assert not is_known(cookie.value, stranger)
    owner.set_password("a quiet walk by the sea")
    assert not is_known(cookie.value, owner)


def test_a_forged_or_expired_cookie_is_ignored(cookie, owner, monkeypatch):
    assert not is_known(cookie.value[:-1], owner)
    assert not is_known("", owner)
    monkeypatch.setattr(devices, "LIFETIME", devices.LIFETIME * 0)
    assert not is_known(cookie.value, owner)


def test_signing_up_makes_the_device_known():
    password = "a quiet walk by the sea"
    fields = {"username": "new", "password1": password, "password2": password}
    assert "device" in Client().post(reverse("account_signup"), fields).cookies
