"""Password reset by email, and email addresses of accounts."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from soundscapes.models import User
from tests import factories
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db
GOOD = "a quiet walk by the sea"
ADDRESS = "owner@example.org"


@pytest.fixture
def browser(sign_in, owner, prove):
    return prove(sign_in(owner))


@pytest.fixture
def reachable(owner):
    User.objects.filter(pk=owner.pk).update(email=ADDRESS)
    owner.refresh_from_db()
    return owner


def ask(client, email=ADDRESS):
    return client.post(reverse("account_reset_password"), {"email": email}, follow=True)


def link() -> str:
    assert work_off() == []
    (letter,) = mail.outbox
    return re.search(r"http://testserver(/\S+)", letter.body)[1]


def test_an_emailed_link_resets_the_password_once(client, reachable):
    ask(client)
    url = link()
    assert mail.outbox[0].to == [ADDRESS]
    assert reachable.username in mail.outbox[0].body
    form = client.get(url, follow=True)
    fields = {"password1": GOOD, "password2": GOOD}
    answer = client.post(form.redirect_chain[-1][0], fields, follow=True)
    assert "Sign in with the new one" in answer.text
    assert client.login(username=reachable.username, password=GOOD)
    client.logout()
    assert "no longer works" in client.get(url, follow=True).text


def test_unknown_email_addresses_get_the_same_response(client, reachable, queries_of):
    known = ask(client)
    known_tasks = waiting()
    known_count = queries_of(lambda: ask(client))
    assert queries_of(lambda: ask(client, "nobody@example.org")) == known_count
    unknown = ask(client, "nobody@example.org")
    assert known.redirect_chain == unknown.redirect_chain
    assert known.text == unknown.text
    assert ADDRESS not in known.text
    assert len(known_tasks) == 1
    assert work_off() == []
    assert {tuple(letter.to) for letter in mail.outbox} == {(ADDRESS,)}


@pytest.mark.parametrize("fields", [{"is_active": False}, {"password": "!"}])
def test_a_locked_account_gets_no_email(client, reachable, fields):
    User.objects.filter(pk=reachable.pk).update(**fields)
    ask(client)
    assert work_off() == []
    assert mail.outbox == []


def test_emails_to_one_recipient_are_limited(client, reachable, settings):
    settings.QUOTAS = settings.QUOTAS | {"letter": (2, 3600)}
    factories.UserFactory(username="another", email=ADDRESS.upper())
    factories.UserFactory(username="third", email=ADDRESS)
    factories.UserFactory(username="distant", email="distant@example.org")
    answers = [
        client.post(
            reverse("account_reset_password"), {"email": email}, REMOTE_ADDR=f"192.0.2.{number}"
        )
        for number, email in enumerate([ADDRESS, ADDRESS.upper(), ADDRESS, "distant@example.org"])
    ]
    assert {(answer.status_code, answer.url) for answer in answers} == {
        (302, reverse("account_reset_password_done"))
    }
    assert work_off() == []
    recipients = [letter.to[0].lower() for letter in mail.outbox]
    assert recipients == [ADDRESS, ADDRESS, "distant@example.org"]


def reset(client, **fields):
    """Choose a new password through an emailed link."""
    ask(client)
    form = client.get(link(), follow=True)
    assert 'name="ends_tokens" ' in form.text
    passwords = {"password1": GOOD, "password2": GOOD}
    return client.post(form.redirect_chain[-1][0], passwords | fields)


@pytest.mark.parametrize(("fields", "status"), [({"ends_tokens": "on"}, 401), ({}, 200)])
def test_a_reset_revokes_the_tokens_on_request(client, reachable, program, fields, status):
    script, of_a_stranger = program(reachable), program(factories.UserFactory())
    reset(client, **fields)
    assert script.get(reverse("api_me")).status_code == status
    assert of_a_stranger.get(reverse("api_me")).status_code == 200


def test_a_reset_signs_in_despite_failed_guesses(client, reachable, settings):
    settings.QUOTAS = settings.QUOTAS | {"new_devices": (0, 3600)}
    fields = {"login": reachable.username, "password": GOOD}
    reset(client)
    assert Client().post(reverse("account_login"), fields).status_code == 429
    assert client.post(reverse("account_login"), fields).status_code == 302


def test_an_invalid_link_offers_a_new_one(client):
    page = client.get(reverse("account_reset_password_from_key", args=["x", "y"]))
    assert "no longer works" in page.text
    assert reverse("account_reset_password") in page.text


def test_an_invalid_email_address_is_reported_at_its_field(client):
    answer = client.post(reverse("account_reset_password"), {"email": "not an address"})
    assert "field-error" in answer.text
    assert 'value="not an address"' in answer.text
    assert waiting() == []


def test_reset_emails_are_limited(client, settings):
    settings.QUOTAS = settings.QUOTAS | {"sign_in": (1, 3600)}
    assert ask(client).status_code == 200
    refused = client.post(reverse("account_reset_password"), {"email": ADDRESS})
    assert refused.status_code == 429
    assert len(waiting()) == 1


def test_the_reset_page_explains_accounts_without_email(client):
    page = client.get(reverse("account_reset_password")).text
    assert "no email address, ask the administrator" in page
    assert reverse("account_reset_password") in client.get(reverse("account_login")).text


@pytest.mark.parametrize("backend", ["console", "smtp"])
def test_the_page_explains_a_missing_email_server(client, settings, backend):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    page = client.get(reverse("account_reset_password_done")).text
    assert ("no email server" in page) == (backend == "console")


# Email address


def test_the_email_address_is_optional_at_sign_up(client):
    fields = {"password1": GOOD, "password2": GOOD}
    client.post(reverse("account_signup"), fields | {"username": "a", "email": ADDRESS})
    client.logout()
    client.post(reverse("account_signup"), fields | {"username": "b"})
    assert dict(User.objects.values_list("username", "email")) == {"a": ADDRESS, "b": ""}


def test_an_invalid_email_address_keeps_the_form_values(client):
    fields = {"username": "a", "email": "x@", "password1": GOOD, "password2": GOOD}
    answer = client.post(reverse("account_signup"), fields)
    assert "field-error" in answer.text
    assert 'value="x@"' in answer.text
    assert not User.objects.exists()


def change(browser, action, email):
    return browser.post(reverse("account_email"), {f"action_{action}": "", "email": email})


def primary(user, email):
    """Give a user a verified address, and a second one."""
    for address, is_primary in ((ADDRESS, True), (email, False)):
        EmailAddress.objects.create(user=user, email=address, primary=is_primary, verified=True)


def test_changing_the_email_address_requires_the_password_again(sign_in, owner):
    answer = change(sign_in(owner), "add", ADDRESS)
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.exists()


def test_a_new_email_address_is_verified_by_an_emailed_link(browser, owner):
    change(browser, "add", ADDRESS)
    assert not EmailAddress.objects.get().verified
    verify = link()
    assert mail.outbox[0].to == [ADDRESS]
    browser.post(verify)
    owner.refresh_from_db()
    assert owner.email == ADDRESS
    assert EmailAddress.objects.get().verified


def test_the_former_email_address_is_notified(browser, reachable):
    primary(reachable, "new@example.org")
    change(browser, "primary", "new@example.org")
    assert work_off() == []
    (letter,) = mail.outbox
    assert letter.to == [ADDRESS]
    reachable.refresh_from_db()
    assert reachable.email == "new@example.org"


def test_notices_of_changed_email_addresses_are_limited(browser, reachable, settings):
    settings.QUOTAS = settings.QUOTAS | {"letter": (1, 3600)}
    primary(reachable, "new@example.org")
    change(browser, "primary", "new@example.org")
    change(browser, "primary", ADDRESS)
    refused = change(browser, "primary", "new@example.org")
    assert refused.status_code == 429
    assert "Try again in" in refused.text


def test_changing_the_email_address_requires_sign_in(client):
    assert client.get(reverse("account_email")).url.startswith(reverse("account_login"))
