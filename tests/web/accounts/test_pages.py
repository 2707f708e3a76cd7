"""Signing up, in and out, passwords, and API tokens."""

import re
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from soundscapes.accounts import users
from soundscapes.models import ApiToken, User
from tests import factories
from tests.connections import at_once, parallel, raised
from tests.web.pages import has_early_clicks

pytestmark = pytest.mark.django_db
GOOD = "a quiet walk by the sea"


@pytest.fixture
def proven(browser, prove):
    return prove(browser)


def sign_up(client, username="newcomer", password=GOOD, again=None):
    fields = {"username": username, "password1": password, "password2": again or password}
    return client.post(reverse("account_signup"), fields)


def is_signed_in(client) -> bool:
    return reverse("account_logout") in client.get(reverse("studio")).text


def test_sign_up_signs_in_a_regular_user(client):
    answer = sign_up(client)
    assert answer.url == reverse("studio")
    user = User.objects.get(username="newcomer")
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "fields",
    [
        {"password": "12345678"},
        {"password": "short"},
        {"again": "another one altogether"},
        {"username": "no spaces allowed"},
        {"username": "x" * 151},
        {"username": "owner"},
        {"username": "nul\0nul"},
    ],
    ids=["numeric", "short", "two different", "spaces", "long", "taken", "NUL"],
)
def test_an_invalid_sign_up_shows_the_reason(client, owner, fields):
    answer = sign_up(client, **fields)
    assert answer.status_code == 200
    assert "field-error" in answer.text
    assert User.objects.count() == 1
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("kind", "addresses"),
    [
        ("sign_up", ["192.0.2.1", "192.0.2.1", "192.0.2.1"]),
        ("sign_up", ["2001:db8::1", "2001:db8::2", "2001:db8::3"]),
        ("sign_ups", ["192.0.2.1", "192.0.2.2", "192.0.2.3"]),
    ],
    ids=["one address", "one network", "all"],
)
def test_sign_ups_are_limited_per_address_and_in_total(settings, kind, addresses):
    settings.QUOTAS = settings.QUOTAS | {kind: (2, 3600)}
    for number, address in enumerate(addresses):
        fields = {"username": f"new{number}", "password1": GOOD, "password2": GOOD}
        answer = Client().post(reverse("account_signup"), fields, REMOTE_ADDR=address)
        assert answer.status_code == (302 if number < 2 else 429)
    assert int(answer["Retry-After"]) > 0
    assert "Try again in" in answer.text
    assert 'value="new2"' in answer.text
    assert User.objects.count() == 2


def test_an_invalid_sign_up_is_not_counted(client, settings):
    settings.QUOTAS = settings.QUOTAS | {"sign_up": (1, 3600)}
    assert sign_up(client, password="short").status_code == 200
    assert sign_up(client).status_code == 302


def test_sign_up_cannot_create_an_administrator(client):
    fields = {"username": "sly", "password1": GOOD, "password2": GOOD, "is_staff": "on"}
    client.post(reverse("account_signup"), {**fields, "is_superuser": "on"})
    user = User.objects.get(username="sly")
    assert (user.is_staff, user.is_superuser) == (False, False)


@pytest.mark.parametrize("name", ["account_signup", "account_login"])
def test_signed_in_users_are_redirected_to_the_studio(browser, name):
    assert browser.get(reverse(name)).url == reverse("studio")


def test_signing_in_redirects_to_the_requested_page(client, owner):
    wanted = reverse("history")
    page = client.get(wanted, follow=True)
    assert f'name="next" value="{wanted}"' in page.text
    fields = {"login": owner.username, "password": factories.PASSWORD, "next": wanted}
    assert client.post(reverse("account_login"), fields).url == wanted
    assert is_signed_in(client)


def test_signing_in_never_redirects_to_another_site(client, owner):
    fields = {"login": owner.username, "password": factories.PASSWORD}
    answer = client.post(reverse("account_login"), {**fields, "next": "https://evil.example/"})
    assert answer.url == reverse("studio")


def test_a_wrong_password_is_rejected(client, owner):
    answer = client.post(reverse("account_login"), {"login": owner.username, "password": "wrong"})
    assert "correct username and password" in answer.text
    assert not is_signed_in(client)


def test_signing_out_requires_post(browser):
    assert "Sign out" in browser.get(reverse("account_logout")).text
    assert is_signed_in(browser)
    assert browser.post(reverse("account_logout")).url == reverse("studio")
    assert not is_signed_in(browser)


def test_changing_the_password_requires_the_old_one(browser, owner, client):
    fields = {"password1": GOOD, "password2": GOOD}
    url = reverse("account_change_password")
    refused = browser.post(url, {**fields, "oldpassword": "wrong"})
    assert "field-error" in refused.text
    answer = browser.post(url, {**fields, "oldpassword": factories.PASSWORD})
    assert answer.url == reverse("account")
    assert "Your password has been changed." in browser.get(answer.url).text
    assert is_signed_in(browser)
    assert not Client().login(username=owner.username, password=factories.PASSWORD)
    assert Client().login(username=owner.username, password=GOOD)


@pytest.mark.parametrize(("fields", "status"), [({"ends_tokens": "on"}, 401), ({}, 200)])
def test_a_new_password_revokes_the_tokens_on_request(browser, owner, program, fields, status):
    script = program(owner)
    url = reverse("account_change_password")
    assert re.search(r'name="ends_tokens"[^>]* checked', browser.get(url).text)
    passwords = {"oldpassword": factories.PASSWORD, "password1": GOOD, "password2": GOOD}
    assert browser.post(url, passwords | fields).status_code == 302
    assert script.get(reverse("api_me")).status_code == status


def test_the_browser_that_changed_the_password_stays_a_known_device(browser, owner, settings):
    passwords = {"oldpassword": factories.PASSWORD, "password1": GOOD, "password2": GOOD}
    browser.post(reverse("account_change_password"), passwords)
    browser.post(reverse("account_logout"))
    settings.QUOTAS = settings.QUOTAS | {"new_devices": (0, 3600)}
    fields = {"login": owner.username, "password": GOOD}
    assert browser.post(reverse("account_login"), fields).status_code == 302


@pytest.mark.parametrize("name", ["account", "account_change_password"])
def test_account_pages_require_sign_in(client, name):
    assert client.get(reverse(name)).url.startswith(reverse("account_login"))


# API tokens


def make_token(browser, name="phone"):
    answer = browser.post(reverse("account"), {"name": name}, follow=True)
    return answer, answer.context["secret"]


def test_a_new_token_is_shown_once_and_works(proven, owner):
    answer, secret = make_token(proven)
    assert answer.redirect_chain  # so that a reload makes no second one
    assert answer.text.count(secret) == 1
    assert "no-store" in answer["Cache-Control"]
    assert has_early_clicks(answer.text)
    assert secret not in proven.get(reverse("account")).text
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    generation = factories.GenerationFactory(owner=owner)
    assert program.get(reverse("api_generation", args=[generation.pk])).status_code == 200


def test_a_new_token_requires_the_password_again(browser, prove, owner):
    asked = browser.post(reverse("account"), {"name": "phone"})
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert not ApiToken.objects.exists()
    fields = {"password": factories.PASSWORD, "next": reverse("account")}
    assert (
        browser.post(reverse("account_reauthenticate"), {**fields, "password": "wrong"}).status_code
        == 200
    )
    assert not ApiToken.objects.exists()
    browser.post(reverse("account_reauthenticate"), fields)
    assert ApiToken.objects.get().name == "phone"  # what was asked for goes on


@pytest.mark.parametrize("name", ["", "x" * 101, "nul\0"])
def test_a_token_needs_a_valid_name(proven, name):
    answer = proven.post(reverse("account"), {"name": name})
    assert answer.status_code == 200
    assert "field-error" in answer.text
    assert not ApiToken.objects.exists()


def test_the_number_of_tokens_is_limited(proven, api, owner, monkeypatch):
    monkeypatch.setattr(users, "MAX_TOKENS", 2)
    make_token(proven)
    answer, secret = make_token(proven)
    assert secret is None
    assert "You have 2 API tokens" in answer.text
    assert "Revoke one" in answer.text
    refused = api.post("/api/v1/tokens/", {"name": "script"}, format="json")
    assert refused.status_code == 409
    assert "Revoke one" in refused.json()["detail"]
    users.revoke_token(owner.auth_token_set.get(name="phone"))
    assert make_token(proven)[1]


def test_only_its_owner_can_revoke_a_token(browser, owner, stranger, sign_in, client):
    token, _secret = users.create_token(owner, "phone")
    url = reverse("revoke_token", args=[token.token_key])
    assert url in browser.get(reverse("account")).text
    assert sign_in(stranger).post(url).status_code == 404
    assert client.post(url).url.startswith(reverse("account_login"))
    assert browser.get(url).status_code == 405
    assert ApiToken.objects.filter(pk=token.pk).exists()
    assert browser.post(url).url == reverse("account")
    assert not ApiToken.objects.exists()
    assert browser.post(url).status_code == 404


def test_the_account_lists_own_tokens_with_a_constant_number_of_queries(
    browser, owner, stranger, queries_of
):
    users.create_token(stranger, "not mine")
    counts = []
    for name in ("first", "second", "third"):
        users.create_token(owner, name)
        counts.append(queries_of(lambda: browser.get(reverse("account"))))
    page = browser.get(reverse("account")).text
    assert all(name in page for name in ("first", "second", "third"))
    assert "not mine" not in page
    assert len(set(counts)) == 1


@parallel
def test_concurrent_sign_ups_with_a_name_create_one_account():
    results = at_once(*(partial(sign_up, Client()) for _ in range(4)))
    assert raised(results, LookupError) == 0
    assert sorted(answer.status_code for answer in results) == [200, 200, 200, 302]
    assert sum("already exists" in answer.text for answer in results) == 3
    assert User.objects.count() == 1
