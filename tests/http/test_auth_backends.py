"""Signing in: so many tries at an account and from an address."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def _small(settings):
    settings.QUOTAS = {
        "read": (5, 3600),
        "upload": (1, 3600),
        "generate": (1, 3600),
        "sign_in": (2, 3600),
        "account": (3, 3600),
    }


@pytest.mark.usefixtures("_small")
def test_passwords_are_not_guessed_for_ever(client, owner):
    form = {"username": owner.username, "password": "wrong"}
    for path in (reverse("login"), reverse("admin:login")):
        assert client.post(path, form).status_code == 200
    refused = client.post(reverse("login"), form | {"password": factories.PASSWORD})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert client.get(reverse("login")).status_code == 200
    assert client.post(reverse("login"), form, REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("name", ["login", "admin:login"])
def test_an_account_s_password_is_not_guessed_from_many_addresses(client, owner, name):
    def sign_in(number, **fields):
        form = {"username": owner.username, "password": "wrong"} | fields
        return client.post(reverse(name), form, REMOTE_ADDR=f"192.0.2.{number}").status_code

    assert [sign_in(number) for number in range(4)] == [200, 200, 200, 429]
    assert sign_in(5, password=factories.PASSWORD) == 429
    assert sign_in(6, username=owner.username.upper()) == 429
    assert sign_in(7, username="somebody else") == 200


@pytest.mark.usefixtures("_small")
def test_who_knows_the_password_may_mistype_it_again(owner):
    form = {"username": owner.username}
    for number in range(6):
        wrong = factories.PASSWORD if number % 3 == 2 else "wrong"
        answer = Client().post(
            reverse("login"), form | {"password": wrong}, REMOTE_ADDR=f"192.0.2.{number}"
        )
        assert answer.status_code == (302 if number % 3 == 2 else 200)


@pytest.mark.usefixtures("_small")
def test_a_refusal_to_sign_in_says_when_to_come_back(client):
    form = {"username": "nobody", "password": "wrong"}
    answers = [client.post(reverse("login"), form) for _number in range(3)]
    assert re.search(r"quota for signing in \(.*\) is used up. Try again in", answers[-1].text)


@pytest.mark.usefixtures("_small")
def test_behind_a_proxy_it_is_the_client_s_address_that_counts(client, settings):
    settings.PROXIES = 1
    for number in range(4):
        forged = {"X-Forwarded-For": f"192.0.2.{number}, 198.51.100.1"}
        form = {"username": f"somebody {number}", "password": "wrong"}
        answer = client.post(reverse("login"), form, headers=forged)
        assert answer.status_code == (200 if number < 2 else 429)
