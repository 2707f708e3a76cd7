"""Limits of sign-in attempts per account and per address."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db
WRONG = "a guess"


@pytest.fixture
def _small(settings):
    settings.QUOTAS = settings.QUOTAS | {
        "sign_in": (2, 3600),
        "account": (3, 3600),
        "new_devices": (5, 3600),
    }


@pytest.mark.usefixtures("_small")
def test_password_guesses_are_limited(client, owner):
    form = {"login": owner.username, "password": "wrong"}
    for _try in range(2):
        assert client.post(reverse("account_login"), form).status_code == 200
    refused = client.post(reverse("account_login"), form | {"password": factories.PASSWORD})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert client.get(reverse("account_login")).status_code == 200
    assert client.post(reverse("account_login"), form, REMOTE_ADDR="192.0.2.7").status_code == 200


def sign_in(user, client=None, address="192.0.2.1", password=WRONG, **headers):
    form = {"login": getattr(user, "username", user), "password": password}
    browser = client or Client()
    return browser.post(
        reverse("account_login"), form, REMOTE_ADDR=address, headers=headers
    ).status_code


@pytest.fixture
def _no_limit_of_addresses(_small, settings):
    settings.QUOTAS = settings.QUOTAS | {"sign_in": (100, 3600)}


@pytest.mark.usefixtures("_no_limit_of_addresses")
def test_guesses_at_an_account_from_one_address_are_limited(owner, stranger):
    assert [sign_in(owner) for _try in range(4)] == [200, 200, 200, 429]
    assert sign_in(owner, password=factories.PASSWORD) == 429
    assert sign_in(stranger) == 200
    assert sign_in(owner, address="198.51.100.9", password=factories.PASSWORD) == 302


@pytest.mark.usefixtures("_no_limit_of_addresses")
def test_guesses_at_an_account_from_many_addresses_are_limited(owner):
    statuses = [sign_in(owner, address=f"192.0.2.{number}") for number in range(6)]
    assert statuses == [200] * 5 + [429]
    assert sign_in(owner, address="198.51.100.9", password=factories.PASSWORD) == 429
    assert [sign_in("nobody", address=f"192.0.2.{number}") for number in range(6)] == statuses


def known_device(owner) -> Client:
    """A signed-out browser that has signed in to the account before."""
    browser = Client()
    assert sign_in(owner, browser, password=factories.PASSWORD) == 302
    browser.post(reverse("account_logout"))
    return browser


@pytest.mark.usefixtures("_small")
def test_guesses_by_strangers_do_not_lock_out_a_known_device(owner):
    browser = known_device(owner)
    for number in range(10):
        for _try in range(4):
            sign_in(owner, address=f"192.0.2.{number}")
    assert sign_in(owner, password=factories.PASSWORD, address="198.51.100.1") == 429
    assert sign_in(owner, browser, password=factories.PASSWORD) == 302


@pytest.mark.usefixtures("_small")
def test_guesses_from_a_known_device_are_limited(owner):
    browser = known_device(owner)
    assert [sign_in(owner, browser) for _try in range(4)] == [200, 200, 200, 429]


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("spoil", ["password", "account", "forged"])
def test_a_device_is_known_only_for_its_account_and_password(owner, stranger, spoil):
    browser, visited = known_device(owner), owner
    if spoil == "password":
        owner.set_password("a quiet walk by the sea")
        owner.save()
    elif spoil == "account":
        visited = stranger
    else:
        browser.cookies["device"] = browser.cookies["device"].value[:-1]
    for number in range(6):
        sign_in(visited, address=f"192.0.2.{number}")
    assert sign_in(visited, browser, address="198.51.100.1") == 429


@pytest.mark.usefixtures("_no_limit_of_addresses")
def test_a_sign_in_does_not_reset_the_count_of_a_similar_name(owner):
    for name in ("boss", "boß"):
        factories.UserFactory(username=name)
    for _round in range(3):
        sign_in("boss")
        assert sign_in("boß", password=factories.PASSWORD) == 302
    assert sign_in("boss", password=factories.PASSWORD) == 429


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize(
    ("addresses", "statuses"),
    [
        (["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:0:a::3"], [200, 200, 429]),
        (["2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:3::1"], [200, 200, 200]),
        (["::ffff:192.0.2.1", "::ffff:192.0.2.2", "::ffff:192.0.2.3"], [200, 200, 200]),
        (["192.0.2.1:1000", "192.0.2.1:1001", "192.0.2.1"], [200, 200, 429]),
        (["[2001:db8::1]:1000", "[2001:db8::2]:1001", "2001:db8::3"], [200, 200, 429]),
        (["unknown", "unknown", "unknown"], [200, 200, 429]),
    ],
    ids=["network", "networks", "IPv4 in IPv6", "ports", "IPv6 with ports", "no address"],
)
def test_ipv6_networks_count_and_ports_do_not(settings, addresses, statuses):
    settings.PROXIES = 1
    names = (f"somebody {number}" for number in range(3))
    tried = [sign_in(next(names), **{"X-Forwarded-For": address}) for address in addresses]
    assert tried == statuses


@pytest.mark.usefixtures("_small")
def test_a_successful_sign_in_resets_the_account_s_count(owner):
    form = {"login": owner.username}
    for number in range(6):
        wrong = factories.PASSWORD if number % 3 == 2 else "wrong"
        answer = Client().post(
            reverse("account_login"), form | {"password": wrong}, REMOTE_ADDR=f"192.0.2.{number}"
        )
        assert answer.status_code == (302 if number % 3 == 2 else 200)


@pytest.mark.usefixtures("_small")
def test_a_refused_sign_in_has_retry_after(client):
    form = {"login": "nobody", "password": "wrong"}
    answers = [client.post(reverse("account_login"), form) for _number in range(3)]
    assert re.search(r"quota for signing in \(.*\) is used up. Try again in", answers[-1].text)


@pytest.mark.usefixtures("_small")
def test_the_client_s_address_counts_behind_a_proxy(client, settings):
    settings.PROXIES = 1
    for number in range(4):
        forged = {"X-Forwarded-For": f"192.0.2.{number}, 198.51.100.1"}
        form = {"login": f"somebody {number}", "password": "wrong"}
        answer = client.post(reverse("account_login"), form, headers=forged)
        assert answer.status_code == (200 if number < 2 else 429)
