"""Addresses, emails and limits of allauth's pages."""

import re

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import RequestFactory
from django.urls import reverse

from soundscapes.models import User
from tests.queue import work_off

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "192.0.2.9", "127.0.0.1"),
        (1, "203.0.113.5, 192.0.2.9", "192.0.2.9"),
        (1, "2001:db8::1:2:3:4", "2001:db8::"),
        (1, "unknown", "0.0.0.0"),  # noqa: S104
    ],
    ids=["no proxy", "forged", "IPv6", "no address"],
)
def test_the_client_s_address_is_what_our_proxy_saw(settings, proxies, header, address):
    settings.PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": header})
    assert get_adapter().get_client_ip(request) == address


def test_a_forged_address_does_not_get_around_the_limits_of_codes(client, settings):
    settings.QUOTAS = settings.QUOTAS | {"sign_in": (2, 3600)}
    answers = [
        client.post(
            reverse("account_request_login_code"),
            {"email": "nobody@example.org"},
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        )
        for number in range(3)
    ]
    assert [answer.status_code for answer in answers] == [302, 302, 429]


def test_sign_in_codes_reveal_no_accounts_and_are_sent_by_the_worker(client, owner):
    User.objects.filter(pk=owner.pk).update(email="owner@example.org")
    for email in ("owner@example.org", "nobody@example.org"):
        answer = client.post(reverse("account_request_login_code"), {"email": email})
        assert answer.url == reverse("account_confirm_login_code")
    assert mail.outbox == []
    assert work_off() == []
    assert [letter.to for letter in mail.outbox] == [["owner@example.org"]]


def test_codes_that_nobody_can_receive_are_not_sent_without_end(client, owner, settings):
    User.objects.filter(pk=owner.pk).update(email="owner@example.org")
    settings.QUOTAS = settings.QUOTAS | {"letter": (1, 3600)}
    for _time in range(2):
        answer = client.post(reverse("account_request_login_code"), {"email": "owner@example.org"})
        assert answer.status_code == 302
    assert work_off() == []
    assert len(mail.outbox) == 1


def test_a_code_s_email_says_from_which_site_and_what_to_do(client, owner):
    User.objects.filter(pk=owner.pk).update(email="owner@example.org")
    client.post(reverse("account_request_login_code"), {"email": "owner@example.org"})
    work_off()
    (letter,) = mail.outbox
    assert letter.subject == "Your sign-in code for Soundscapes"
    assert "Sent by Soundscapes at testserver" in letter.body
    assert "If it was not you, ignore this email." in letter.body


def test_an_email_about_a_change_says_what_to_do_if_somebody_else_made_it(sign_in, owner, prove):
    EmailAddress.objects.create(user=owner, email="owner@example.org", primary=True, verified=True)
    key = Authenticator.objects.create(user=owner, type="webauthn", data={"name": "Phone"})
    browser = prove(sign_in(owner))
    browser.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    work_off()
    (letter,) = mail.outbox
    assert "A passkey or security key was removed from your account." in letter.body
    assert "IP address: 127.0.0.1" in letter.body
    assert f"http://testserver{reverse('account')}" in letter.body
    assert "Sent by Soundscapes at testserver" in letter.body


def test_an_address_is_verified_by_the_link_in_its_email(sign_in, owner, prove):
    browser = prove(sign_in(owner))
    fields = {"action_add": "", "email": "owner@example.org"}
    browser.post(reverse("account_email"), fields)
    work_off()
    (letter,) = mail.outbox
    link = re.search(r"http://testserver(/\S+)", letter.body)[1]
    assert owner.username in letter.body
    assert "Verify address" in browser.get(link).content.decode()
    shown = browser.post(link, follow=True).content.decode()
    assert "owner@example.org is verified." in shown


def test_a_refusal_looks_like_an_error_and_says_what_to_do(sign_in, owner, prove):
    EmailAddress.objects.create(user=owner, email="owner@example.org", primary=True, verified=True)
    EmailAddress.objects.create(user=owner, email="second@example.org", verified=True)
    fields = {"action_remove": "", "email": "owner@example.org"}
    page = prove(sign_in(owner)).post(reverse("account_email"), fields, follow=True)
    shown = page.content.decode()
    error = '<div class="message error" role="alert"><p>owner@example.org is your primary'
    assert error in shown
    assert "Make another address primary" in shown
