"""Accounts and tokens in the admin."""

from functools import partial

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.urls import reverse

from soundscapes.accounts import users
from soundscapes.accounts.deletion import LastAdministratorError
from soundscapes.models import IdempotencyRecord, Image, User
from tests import factories
from tests.admin.forms import page, page_of
from tests.connections import at_once, parallel, raised

pytestmark = pytest.mark.django_db


def test_an_account_is_deleted_with_its_internal_rows(browser, owner):
    embedding = factories.EmbeddingFactory(image__owner=owner)
    factories.IdempotencyRecordFactory(user=owner)
    answer = browser.post(page_of(User, "delete", owner.pk), {"post": "yes"})
    assert answer.status_code == 302
    assert not User.objects.filter(pk=owner.pk).exists()
    assert not Image.objects.filter(pk=embedding.image_id).exists()
    assert not IdempotencyRecord.objects.exists()


def test_tokens_and_links_can_be_deleted(browser, owner):
    """Administrators revoke a token or a link by deleting it."""
    token, _secret = users.create_token(owner, "phone")
    link = factories.ShareLinkFactory(generation__owner=owner)
    for row in (token, link):
        url = page_of(type(row), "delete", row.pk)
        assert browser.post(url, {"post": "yes"}).status_code == 302
        assert not type(row).objects.filter(pk=row.pk).exists()


def test_a_password_set_by_an_administrator_revokes_the_tokens(browser, owner, program):
    script = program(owner)
    fields = {"password1": "a quiet walk by the sea", "password2": "a quiet walk by the sea"}
    answer = browser.post(
        reverse("admin:auth_user_password_change", args=[owner.pk]),
        fields | {"usable_password": "true"},
    )
    assert answer.status_code == 302
    assert script.get(reverse("api_me")).status_code == 401


def test_staff_change_their_own_password_on_the_account_page(browser):
    assert browser.get(reverse("admin:password_change")).url == reverse("account_change_password")


def test_a_token_s_secret_is_hidden_and_it_can_be_revoked(browser, owner):
    token, secret = users.create_token(owner, "phone")
    for url in (
        page("soundscapes_apitoken_changelist"),
        page("soundscapes_apitoken_change", token.pk),
    ):
        assert secret not in browser.get(url).text
    assert (
        browser.post(page("soundscapes_apitoken_delete", token.pk), {"post": "yes"}).status_code
        == 302
    )
    assert not owner.auth_token_set.exists()


def change(browser, user, **fields):
    values = {
        "username": user.username,
        "date_joined_0": "2026-01-01",
        "date_joined_1": "12:00:00",
        "is_active": "on",
        "is_superuser": "on",
        "is_staff": "on",
    } | fields
    given = {name: value for name, value in values.items() if value}
    return browser.post(page_of(User, "change", user.pk), given)


@pytest.mark.parametrize("field", ["is_active", "is_superuser"])
def test_the_last_administrator_cannot_be_demoted(browser, administrator, field):
    answer = change(browser, administrator, **{field: ""})
    assert "This would leave the site without an administrator" in answer.text
    administrator.refresh_from_db()
    assert getattr(administrator, field)
    factories.UserFactory(is_staff=True, is_superuser=True)
    assert change(browser, administrator, **{field: ""}).status_code == 302


@pytest.mark.parametrize("action", [False, True])
def test_the_last_administrator_cannot_be_deleted(browser, administrator, owner, action):
    url, given = page_of(User, "delete", administrator.pk), {"post": "yes"}
    if action:
        url = page_of(User, "changelist")
        chosen = [administrator.pk, owner.pk]
        given |= {"action": "delete_selected", "_selected_action": chosen}
    assert "This would leave the site without an administrator" in browser.post(url, given).text
    assert User.objects.filter(is_superuser=True, is_active=True).get() == administrator


@parallel
@pytest.mark.parametrize("_round", range(3))
@pytest.mark.parametrize("action", ["deactivate", "delete", "delete_selected"])
def test_concurrent_deletions_keep_one_administrator(sign_in, action, _round):
    both = [factories.UserFactory(is_staff=True, is_superuser=True) for _ in range(2)]

    def go(user, browser):
        if action == "deactivate":
            return change(browser, user, is_active="")
        if action == "delete":
            return browser.post(page_of(User, "delete", user.pk), {"post": "yes"})
        given = {"post": "yes", "action": action, "_selected_action": [user.pk]}
        return browser.post(page_of(User, "changelist"), given)

    results = at_once(*(partial(go, user, sign_in(user)) for user in both))
    assert raised(results, LastAdministratorError) == 0
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_approval_says_how_many_waited_for_it(browser, owner):
    waiting = factories.UserFactory(is_active=False, awaits_approval=True)
    given = {"action": "approve", "_selected_action": [waiting.pk, owner.pk]}
    answer = browser.post(page_of(User, "changelist"), given, follow=True)
    assert "1 user approved." in answer.text
    assert "Not waiting for approval: 1." in answer.text


def test_an_account_in_the_log_is_kept_and_the_page_says_what_to_do(browser, owner):
    LogEntry.objects.log_actions(owner.pk, [owner], CHANGE, "Looked.")
    answer = browser.post(page_of(User, "delete", owner.pk), {"post": "yes"})
    assert "Deactivate the account instead" in answer.text
    assert User.objects.filter(pk=owner.pk).exists()
