"""Accounts and API tokens."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from soundscapes.accounts import users
from soundscapes.models import ApiToken, Event, User, Webhook
from soundscapes.webhooks import webhooks
from tests import factories
from tests.connections import at_once, parallel, raised
from tests.queue import work_off

pytestmark = pytest.mark.django_db


def answer(secret: str) -> int:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client.get("/random_image").status_code


def test_only_the_digest_of_a_token_is_stored(owner):
    token, secret = users.create_token(owner, "phone")
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert not any(secret in str(value) for value in row.values())
    assert secret.startswith(row["token_key"])
    assert len(row["token_key"]) < len(secret) / 2


def test_a_token_works_until_it_is_revoked(owner):
    token, secret = users.create_token(owner, "phone")
    assert answer(secret) != 401
    users.revoke_token(token)
    assert answer(secret) == 401


def test_webhooks_are_off_after_the_tokens_end_until_their_owner_wants_them_again(owner, stranger):
    planted, of_a_stranger = (
        webhooks.create_webhook(user, "https://example.org/", Event.values)
        for user in (owner, stranger)
    )
    long_off = webhooks.create_webhook(owner, "https://example.org/", Event.values)
    webhooks.switch(long_off, on=False)
    users.end_tokens(owner)
    assert list(Webhook.objects.live()) == [of_a_stranger]
    for webhook in (planted, long_off):
        webhook.refresh_from_db()
    assert planted.trouble == "The password was changed."
    assert long_off.trouble == webhooks.SWITCHED_OFF
    webhooks.switch(planted, on=True)
    assert planted in Webhook.objects.live()


def test_a_token_does_not_outlive_its_maker(owner):
    maker, _secret = users.create_token(owner, "phone", lifetime=timedelta(days=2))
    token, _secret = users.create_token(owner, "script", maker=maker)
    assert token.expiry - timezone.now() <= timedelta(days=2)


def test_a_new_account_has_no_privileges():
    user = users.sign_up(
        "newcomer", "a quiet walk by the sea", "newcomer@EXAMPLE.org", address="192.0.2.1"
    )
    assert user.check_password("a quiet walk by the sea")
    assert (user.email, user.is_staff, user.is_superuser) == ("newcomer@example.org", False, False)


def test_a_token_expires_after_its_lifetime(owner):
    token, secret = users.create_token(owner, "phone")
    assert token.expiry - timezone.now() > users.TOKEN_LIFETIME - timedelta(minutes=1)
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert answer(secret) == 401


def test_the_first_administrator_is_created_once_with_a_working_password():
    user, password = users.create_first_administrator()
    assert user.is_superuser
    assert user.check_password(password)
    assert users.create_first_administrator() is None
    assert User.objects.count() == 1


def test_every_installation_has_a_different_password():
    _first, password = users.create_first_administrator()
    User.objects.all().delete()
    assert users.create_first_administrator()[1] != password


def test_a_user_named_admin_does_not_become_administrator(owner):
    User.objects.filter(pk=owner.pk).update(username="admin")
    user, _password = users.create_first_administrator()
    owner.refresh_from_db()
    assert not owner.is_superuser
    assert user != owner


@parallel
def test_concurrent_setups_create_one_administrator():
    results = at_once(*[users.create_first_administrator] * 4)
    assert raised(results, LookupError) == 0
    assert User.objects.get().is_superuser
    assert sum(result is not None for result in results) == 1


def test_an_announcement_names_the_newest_who_wait(administrator, owner, monkeypatch):
    monkeypatch.setattr(users, "MAX_ANNOUNCED", 2)
    User.objects.filter(pk=administrator.pk).update(email="admin@example.org")
    for number in range(3):
        factories.UserFactory(username=f"new{number}", is_active=False, awaits_approval=True)
    users.announce_waiting("https://example.org/")
    assert work_off() == []
    (letter,) = mail.outbox
    assert "3 people wait" in letter.body
    assert "new2, new1 and others." in letter.body
    assert "owner" not in letter.body
