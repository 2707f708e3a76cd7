"""Authenticator apps, recovery codes, codes by email and sessions."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client
from django.urls import reverse

from soundscapes.models import User
from tests import factories
from tests.queue import work_off
from tests.web.urlconf import PASSKEY

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADDRESS = "owner@example.org"
REFUSED = "The code or key was not accepted."
HOUR = 3600


@pytest.fixture
def clock(monkeypatch):
    """Set the time at which codes are made and checked."""
    now = [1_800_000_000.0]

    class Clock:
        time = staticmethod(lambda: now[0])

        def wait(self, seconds):
            now[0] += seconds

    monkeypatch.setattr(totp, "time", clock := Clock())
    return clock


@pytest.fixture
def protected(owner, clock):
    """The owner, who has set up an authenticator app."""
    totp.TOTP.activate(owner, SECRET)
    return owner


def code(clock, secret=SECRET) -> str:
    """Return what the app shows."""
    counter = int(clock.time()) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def wrong(clock, secret=SECRET) -> str:
    return f"{(int(code(clock, secret)) + 500_000) % 10**6:06}"


def enter_password(client, user, **fields):
    given = {"login": user.username, "password": factories.PASSWORD}
    return client.post(reverse("account_login"), given | fields)


def enter_code(client, given):
    return client.post(reverse("mfa_authenticate"), {"code": given})


def is_signed_in(client) -> bool:
    return reverse("account_logout") in client.get(reverse("studio")).text


# Authenticator app


def test_the_shown_secret_sets_up_the_app(browser, prove, owner, clock):
    url = reverse("mfa_activate_totp")
    page = prove(browser).get(url)
    (secret,) = set(re.findall(r"\b[A-Z2-7]{32}\b", page.text))
    refused = browser.post(url, {"code": wrong(clock, secret)})
    assert REFUSED in refused.text
    assert not Authenticator.objects.exists()
    answer = browser.post(url, {"code": code(clock, secret)}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
    codes = RecoveryCodes(owner.authenticator_set.get(type="recovery_codes")).get_unused_codes()
    assert len(codes) == 10
    assert all(each in answer.text for each in codes)
    client = Client()
    assert enter_password(client, owner).url == reverse("mfa_authenticate")
    clock.wait(60)
    assert enter_code(client, code(clock, secret)).status_code == 302
    assert is_signed_in(client)


def test_the_password_alone_does_not_sign_in(client, protected, clock):
    enter_password(client, protected)
    assert not is_signed_in(client)
    assert client.get(reverse("history")).url.startswith(reverse("account_login"))
    answer = enter_code(client, wrong(clock))
    assert REFUSED in answer.text
    assert not is_signed_in(client)
    assert enter_code(client, code(clock)).url == reverse("studio")
    assert is_signed_in(client)


def test_a_code_leads_to_the_requested_page(client, protected, clock):
    enter_password(client, protected, next=reverse("history"))
    assert enter_code(client, code(clock)).url == reverse("history")


def test_a_code_works_once(protected, clock):
    answers = []
    for client in (Client(), Client()):
        enter_password(client, protected)
        enter_code(client, code(clock))
        answers.append(is_signed_in(client))
    assert answers == [True, False]


@pytest.mark.parametrize(("seconds", "works"), [(30, True), (90, False)])
def test_an_old_code_does_not_work(client, protected, clock, seconds, works):
    old = code(clock)
    clock.wait(seconds)
    enter_password(client, protected)
    enter_code(client, old)
    assert is_signed_in(client) == works


def test_guesses_from_one_address_are_limited(client, protected, clock, settings):
    settings.QUOTAS = settings.QUOTAS | {"sign_in": (3, HOUR)}
    enter_password(client, protected)  # counts, too
    answers = [enter_code(client, wrong(clock)).status_code for _guess in range(3)]
    assert answers == [200, 200, 429]
    assert enter_code(client, code(clock)).status_code == 429
    assert not is_signed_in(client)


def test_guesses_from_many_addresses_are_limited(client, protected, clock):
    enter_password(client, protected)
    for number in range(5):
        guess = {"code": wrong(clock)}
        client.post(reverse("mfa_authenticate"), guess, REMOTE_ADDR=f"192.0.2.{number}")
    answer = enter_code(client, code(clock))
    assert "Too many wrong codes" in answer.text
    assert not is_signed_in(client)


def test_a_recovery_code_works_once(protected):
    first, second = RecoveryCodes.activate(protected).get_unused_codes()[:2]
    answers = []
    for given in (first, first, second):
        client = Client()
        enter_password(client, protected)
        enter_code(client, given)
        answers.append(is_signed_in(client))
    assert answers == [True, False, True]


def test_new_recovery_codes_replace_the_old_ones(browser, prove, client, protected):
    old = RecoveryCodes.activate(protected).get_unused_codes()[0]
    prove(browser).post(reverse("mfa_generate_recovery_codes"))
    enter_password(client, protected)
    enter_code(client, old)
    assert not is_signed_in(client)


def test_deactivating_the_app_ends_its_recovery_codes(browser, prove, client, protected):
    RecoveryCodes.activate(protected)
    prove(browser).post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    enter_password(client, protected)
    assert is_signed_in(client)


def test_an_administrator_enters_the_admin_only_with_the_code(client, administrator, clock):
    totp.TOTP.activate(administrator, SECRET)
    url = reverse("admin:index")
    page = client.get(url, follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("account_login"))
    enter_password(client, administrator, next=url)
    assert client.get(url).status_code == 302
    assert client.post(reverse("admin:login"), {"username": administrator.username}).url.startswith(
        reverse("account_login")
    )
    assert enter_code(client, code(clock)).url == url
    assert client.get(url).status_code == 200


# Proof before dangerous steps


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("account", {"name": "phone"}),
        ("delete_account", {}),
        ("account_email", {"action_add": "", "email": ADDRESS}),
        ("mfa_activate_totp", {"code": "123456"}),
        ("mfa_add_webauthn", {"name": "key", "credential": "{}"}),
    ],
)
def test_dangerous_steps_require_a_proof(client, owner, name, fields):
    enter_password(client, owner)
    answer = client.post(reverse(name), fields)
    assert answer.url.startswith(reverse("account_reauthenticate"))
    owner.refresh_from_db()
    assert owner.is_active
    for rows in (owner.auth_token_set, owner.emailaddress_set, owner.authenticator_set):
        assert not rows.exists()


@pytest.mark.parametrize("name", ["mfa_generate_recovery_codes", "mfa_deactivate_totp"])
def test_changing_factors_requires_a_proof(browser, protected, name):
    RecoveryCodes.activate(protected)
    before = list(Authenticator.objects.values())
    assert browser.post(reverse(name)).url.startswith(reverse("account_reauthenticate"))
    assert list(Authenticator.objects.values()) == before


def test_removing_a_key_requires_a_proof(browser, prove, owner):
    key = owner.authenticator_set.create(type=Authenticator.Type.WEBAUTHN, data=PASSKEY)
    url = reverse("mfa_remove_webauthn", args=[key.pk])
    assert browser.post(url).url.startswith(reverse("account_reauthenticate"))
    assert owner.authenticator_set.exists()
    prove(browser).post(url)
    assert not owner.authenticator_set.exists()


def test_a_new_key_is_a_passkey_unless_its_owner_chooses_otherwise(browser, prove, owner):
    url = reverse("mfa_add_webauthn")
    page = prove(browser).get(url).text
    assert re.search(r'name="passwordless"[^>]* checked', page)
    assert 'value="Key 1"' in page
    owner.authenticator_set.create(type=Authenticator.Type.WEBAUTHN, data=PASSKEY)
    assert 'value="Key 2"' in browser.get(url).text


@pytest.mark.parametrize("name", ["mfa_view_recovery_codes", "mfa_download_recovery_codes"])
def test_recovery_codes_are_shown_only_after_a_proof(browser, prove, protected, name):
    unused = RecoveryCodes.activate(protected).get_unused_codes()[0]
    assert browser.get(reverse(name)).url.startswith(reverse("account_reauthenticate"))
    assert unused in prove(browser).get(reverse(name)).text


def test_a_code_of_the_app_is_a_proof(browser, protected, clock):
    url = reverse("mfa_reauthenticate")
    assert REFUSED in browser.post(url, {"code": wrong(clock)}).text
    assert browser.post(reverse("account"), {"name": "phone"}).status_code == 302
    assert not protected.auth_token_set.exists()
    browser.post(url, {"code": code(clock)})
    browser.post(reverse("account"), {"name": "phone"})
    assert protected.auth_token_set.get().name == "phone"


# Codes by email


@pytest.fixture
def reachable(owner):
    User.objects.filter(pk=owner.pk).update(email=ADDRESS)
    owner.refresh_from_db()
    return owner


def emailed(client) -> str:
    """Request a code and return it."""
    client.post(reverse("account_request_login_code"), {"email": ADDRESS})
    assert work_off() == []
    return re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mail.outbox[-1].body, re.MULTILINE)[0]


def confirm(client, given):
    return client.post(reverse("account_confirm_login_code"), {"code": given})


def test_an_emailed_code_signs_in_once(client, reachable):
    given = emailed(client)
    assert not is_signed_in(client)
    assert "The code is incorrect." in confirm(client, "AAAA-AAAA").text
    assert not is_signed_in(client)
    assert confirm(client, given).url == reverse("studio")
    assert is_signed_in(client)
    client.logout()
    confirm(client, given)
    assert not is_signed_in(client)


def test_another_browser_cannot_use_an_emailed_code(client, reachable):
    confirm(stranger := Client(), emailed(client))
    assert not is_signed_in(stranger)


def test_an_emailed_code_ends_after_three_wrong_ones(client, reachable):
    given = emailed(client)
    for _guess in range(3):
        answer = confirm(client, "AAAA-AAAA")
    assert answer.url == reverse("account_request_login_code")
    assert "Too many wrong codes" in client.get(answer.url).text
    confirm(client, given)
    assert not is_signed_in(client)


def test_an_emailed_code_does_not_replace_the_second_factor(client, reachable, protected, clock):
    assert confirm(client, emailed(client)).url == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    enter_code(client, wrong(clock))
    assert not is_signed_in(client)
    enter_code(client, code(clock))
    assert is_signed_in(client)


# Sessions


def test_signing_out_elsewhere_ends_other_sessions_and_no_tokens(client, owner, stranger, program):
    elsewhere, theirs = Client(headers={"user-agent": "An old phone"}), Client()
    for each, user in ((client, owner), (elsewhere, owner), (theirs, stranger)):
        enter_password(each, user)
    url = reverse("usersessions_list")
    assert "An old phone" in client.get(url).text
    script = program(owner)
    page = client.post(url, follow=True)
    assert "An old phone" not in page.text
    assert "signed in nowhere else" in page.text
    assert elsewhere.get(reverse("history")).url.startswith(reverse("account_login"))
    assert is_signed_in(client)
    assert is_signed_in(theirs)
    assert script.get(reverse("api_me")).status_code == 200
