"""Known devices: the cookie that says so."""

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from soundscapes.http import devices
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def cookie(client, owner):
    fields = {"username": owner.username, "password": factories.PASSWORD}
    return client.post(reverse("login"), fields).cookies["device"]


def is_known(cookie, user) -> bool:
    request = RequestFactory().post("/", headers={"Cookie": f"device={cookie}"})
    return devices.known_device(request, user) is not None


def test_it_is_out_of_scripts_reach_and_lasts_a_year(cookie):
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["max-age"] == 365 * 86_400


def test_it_names_one_account_and_ends_with_its_password(cookie, owner, stranger):
    assert is_known(cookie.value, owner)
    assert not is_known(cookie.value, stranger)
    owner.set_password("a quiet walk by the sea")
    assert not is_known(cookie.value, owner)


def test_one_that_is_forged_or_too_old_is_none(cookie, owner, monkeypatch):
    assert not is_known(cookie.value[:-1], owner)
    assert not is_known("", owner)
    monkeypatch.setattr(devices, "LIFETIME", devices.LIFETIME * 0)
    assert not is_known(cookie.value, owner)


def test_who_signs_up_has_a_known_device():
    password = "a quiet walk by the sea"
    fields = {"username": "new", "password1": password, "password2": password}
    assert "device" in Client().post(reverse("sign_up"), fields).cookies
