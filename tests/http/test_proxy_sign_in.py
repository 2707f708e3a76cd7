"""Sign-in by the header of a trusted proxy."""

import logging
from ipaddress import ip_network

import pytest
from django.urls import reverse

from soundscapes.http import proxy_sign_in
from soundscapes.models import User
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PROXY = "172.18.0.5"


@pytest.fixture(autouse=True)
def _trusting(settings):
    settings.AUTH_HEADER = "Remote-User"
    settings.AUTH_HEADER_FROM = [ip_network("172.18.0.5"), ip_network("fd00::/64")]
    proxy_sign_in._warn_once.cache_clear()


def opened(client, name=None, address=PROXY, url="history", **headers):
    """Open a page and return the name of who is signed in, or an empty string."""
    headers = headers | ({} if name is None else {"Remote-User": name})
    answer = client.get(reverse(url), REMOTE_ADDR=address, headers=headers)
    return answer.context["user"].username if answer.status_code == 200 else ""


def test_an_account_is_made_at_first_sight(client):
    assert opened(client, "ada@example.org") == "ada@example.org"
    user = User.objects.get()
    assert not user.has_usable_password()
    assert not user.is_staff
    assert opened(client, "ada@example.org") == "ada@example.org"
    assert User.objects.count() == 1


def test_an_existing_account_is_used_the_administrator_s_too(client, administrator):
    assert (
        client.get(
            reverse("admin:index"),
            REMOTE_ADDR=PROXY,
            headers={"Remote-User": administrator.username},
        ).status_code
        == 200
    )


@pytest.mark.parametrize("address", [PROXY, "::ffff:172.18.0.5", "fd00::7"])
def test_the_proxy_is_known_by_the_address_of_the_connection(client, address):
    assert opened(client, "ada", address) == "ada"


@pytest.mark.parametrize("address", ["172.18.0.6", "127.0.0.1", "fd01::7", "", "unix:"])
def test_everybody_else_s_header_is_ignored_and_logged_once(client, caplog, address):
    with caplog.at_level(logging.WARNING, "soundscapes"):
        for _each in range(2):
            assert opened(client, "ada", address) == ""
    assert len([each for each in caplog.records if "Remote-User" in each.message]) == 1
    assert not User.objects.exists()


def test_a_forged_address_does_not_help(client):
    assert opened(client, "ada", "1.1.1.1", **{"X-Forwarded-For": PROXY, "X-Real-IP": PROXY}) == ""


def test_a_similar_header_does_not_help(client):
    assert opened(client, address=PROXY, **{"X-Remote-User": "ada"}) == ""


def test_another_name_in_the_header_is_another_user(client):
    opened(client, "ada")
    assert opened(client, "grace") == "grace"
    assert opened(client, "ada") == "ada"


def test_the_session_ends_with_the_header(client):
    opened(client, "ada")
    assert opened(client) == ""


def test_a_session_from_elsewhere_ends_only_for_another_name(sign_in, owner):
    browser = sign_in(owner)
    assert opened(browser) == "owner"
    assert opened(browser, "owner") == "owner"
    assert opened(browser, "ada", "1.1.1.1") == "owner"
    assert opened(browser, "ada") == "ada"


def test_a_deactivated_account_stays_out(client):
    factories.UserFactory(username="ada", is_active=False)
    assert opened(client, "ada") == ""


@pytest.mark.parametrize("name", ["a b", "x" * 151, "<script>"])
def test_an_invalid_name_makes_no_account(client, name):
    assert opened(client, name) == ""
    assert not User.objects.exists()


def test_the_api_keeps_its_tokens(api, client):
    url = reverse("api_me")
    headers = {"Remote-User": "ada"}
    assert client.get(url, REMOTE_ADDR=PROXY, headers=headers).status_code == 401
    answer = api.get(url, REMOTE_ADDR=PROXY, headers=headers)
    assert answer.json()["username"] == "owner"
    assert not User.objects.filter(username="ada").exists()


def test_without_the_setting_the_header_means_nothing(client, settings):
    settings.AUTH_HEADER = ""
    assert opened(client, "ada") == ""


@pytest.mark.parametrize("name", ["jürgen", "ju\u0308rgen"])
def test_a_name_may_have_letters_beyond_ascii(client, name):
    header = name.encode().decode("latin-1")  # as the web server reads it
    for _each in range(2):
        assert opened(client, header) == "jürgen"
    assert User.objects.count() == 1
