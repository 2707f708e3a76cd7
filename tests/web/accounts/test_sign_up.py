"""Sign-up, open, closed, by invitation and by approval, and the first administrator."""

import re
from ast import literal_eval
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from soundscapes.accounts import first_administrator, guests, users
from soundscapes.models import Invitation, User
from soundscapes.web.accounts.adapter import INVITATION
from tests import factories
from tests.queue import work_off

pytestmark = pytest.mark.django_db
GOOD = "a quiet walk by the sea"
ACCOUNT = {"username": "ada", "password1": GOOD, "password2": GOOD}


def sign_up(client, **fields):
    return client.post(reverse("account_signup"), ACCOUNT | fields)


def test_who_has_just_signed_up_is_not_asked_for_the_password_again(client):
    sign_up(client)
    client.post(reverse("account"), {"name": "phone"})
    assert User.objects.get().auth_token_set.get().name == "phone"


def test_a_closed_site_accepts_no_accounts(client, settings):
    settings.SIGN_UP = "closed"
    assert "Sign-up is closed" in client.get(reverse("account_signup")).text
    assert "Sign-up is closed" in sign_up(client).text
    assert not User.objects.exists()


def test_an_invitation_opens_the_sign_up(client, settings):
    settings.SIGN_UP = "invitation"
    assert "You need an invitation" in sign_up(client).text
    invitation = Invitation.objects.create()
    page = client.get(invitation.get_absolute_url(), follow=True)
    assert "Create an account" in page.text
    assert sign_up(client).url == reverse("studio")
    assert User.objects.get().username == "ada"
    client.logout()
    page = client.get(invitation.get_absolute_url(), follow=True)
    assert "used up" in page.text


def test_an_invitation_survives_a_rejected_form(client, settings):
    settings.SIGN_UP = "invitation"
    client.get(Invitation.objects.create().get_absolute_url())
    assert "field-error" in sign_up(client, password2="another").text
    assert sign_up(client).status_code == 302


def test_an_invitation_is_forgotten_once_it_was_used(client, settings):
    settings.SIGN_UP = "invitation"
    client.get(Invitation.objects.create(max_uses=5).get_absolute_url())
    assert sign_up(client, username="no spaces allowed").status_code == 200
    assert INVITATION in client.session
    sign_up(client)
    assert INVITATION not in client.session
    client.logout()
    assert "You need an invitation" in sign_up(client, username="bob").text
    assert Invitation.objects.get().uses == 1


def test_administrators_are_told_once_an_hour_who_waits(client, settings, administrator, sign_in):
    settings.SIGN_UP = "approval"
    User.objects.filter(pk=administrator.pk).update(email="admin@example.org")
    factories.UserFactory(is_superuser=True, email="")
    factories.UserFactory(is_staff=True, email="curator@example.org")
    for name in ("ada", "bob"):
        sign_up(client, username=name)
    assert work_off() == []
    (letter,) = mail.outbox
    assert letter.to == ["admin@example.org"]
    assert "at http://testserver/: ada." in letter.body
    page = sign_in(administrator).get(re.search(r"http://testserver(/admin\S+)", letter.body)[1])
    assert {user.username for user in page.context["cl"].queryset} == {"ada", "bob"}


def test_who_signs_up_within_the_hour_is_announced_at_its_end(client, settings, administrator):
    settings.SIGN_UP = "approval"
    User.objects.filter(pk=administrator.pk).update(email="admin@example.org")
    for name in ("ada", "bob", "eve"):
        sign_up(client, username=name)
    (later,) = Schedule.objects.all()
    assert later.next_run > timezone.now() + timedelta(minutes=59)
    cache.delete("waiting-announced")  # the hour is over
    async_task(later.func, *literal_eval(later.args))
    assert work_off() == []
    assert "at http://testserver/: eve, bob, ada." in mail.outbox[-1].body
    assert len(mail.outbox) == 2


def test_guests_who_sign_up_are_announced(client, settings, administrator, sign_in):
    settings.SIGN_UP = "approval"
    User.objects.filter(pk=administrator.pk).update(email="admin@example.org")
    sign_up(sign_in(guests.admit("192.0.2.1")))
    assert work_off() == []
    assert "ada" in mail.outbox[0].body


def test_nobody_is_told_of_accounts_that_need_no_approval(client, administrator):
    User.objects.filter(pk=administrator.pk).update(email="admin@example.org")
    sign_up(client)
    assert work_off() == []
    assert mail.outbox == []


def test_an_account_waits_for_approval(client, settings):
    settings.SIGN_UP = "approval"
    assert sign_up(client, email="ada@example.org").url == reverse("account_inactive")
    assert "approve your account" in client.get(reverse("account_inactive")).text
    user = User.objects.get()
    assert (user.is_active, user.awaits_approval) == (False, True)
    fields = {"login": "ada", "password": GOOD}
    assert client.post(reverse("account_login"), fields).url == reverse("account_inactive")
    users.approve(user)
    assert work_off() == []
    assert mail.outbox[-1].to == ["ada@example.org"]
    assert "approved" in mail.outbox[-1].subject
    assert client.post(reverse("account_login"), fields).url == reverse("studio")


def test_approving_does_not_activate_a_deactivated_account(owner):
    User.objects.filter(pk=owner.pk).update(is_active=False)
    users.approve(owner)
    owner.refresh_from_db()
    assert not owner.is_active


def test_a_required_email_address_has_to_be_verified(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
    assert "field-error" in sign_up(client).text
    answer = sign_up(client, email="ada@example.org")
    assert answer.url == reverse("account_email_verification_sent")
    assert reverse("account_logout") not in client.get("/").text
    assert work_off() == []
    assert mail.outbox[0].to == ["ada@example.org"]


def test_the_first_administrator_s_page_begins_with_the_code(client):
    page = client.get(reverse("first_administrator")).text
    [focused] = re.findall(r"<input[^>]* autofocus[^>]*>", page)
    assert 'name="code"' in focused


def test_the_first_administrator_is_created_with_the_code(client):
    url = reverse("first_administrator")
    assert "field-error" in client.post(url, ACCOUNT | {"code": "wrong"}).text
    assert not User.objects.exists()
    answer = client.post(url, ACCOUNT | {"code": first_administrator.code()})
    assert answer.url == reverse("studio")
    assert User.objects.get().is_superuser
    assert client.get(reverse("admin:index")).status_code == 200
    assert client.get(url).status_code == 404


def test_guesses_of_the_code_are_limited(client, settings):
    settings.QUOTAS = settings.QUOTAS | {"sign_in": (2, 3600)}
    url = reverse("first_administrator")
    guess = ACCOUNT | {"code": "wrong"}
    assert [client.post(url, guess).status_code for _try in range(3)] == [200, 200, 429]


def test_the_start_page_leads_to_the_first_administrator(client):
    url = reverse("first_administrator")
    assert url in client.get("/").text
    first_administrator.create(first_administrator.code(), "ada", GOOD)
    assert url not in client.get("/").text


def test_the_first_administrator_is_not_asked_for_the_password_again(client):
    client.post(reverse("first_administrator"), ACCOUNT | {"code": first_administrator.code()})
    client.post(reverse("account"), {"name": "phone", "scope": "read", "days": 5})
    assert User.objects.get().auth_token_set.count() == 1
