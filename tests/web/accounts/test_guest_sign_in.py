"""Guests who sign in to an account that they have."""

import pytest
from django.urls import reverse

from soundscapes.accounts import guests
from soundscapes.models import Generation
from tests import factories
from tests.web.accounts.test_second_factors import clock, code, protected

pytestmark = pytest.mark.django_db
__all__ = ["clock", "protected"]
ACCOUNT = {"login": "owner", "password": factories.PASSWORD}


@pytest.fixture
def guest(sign_in):
    """The browser of a guest with a soundscape."""
    visitor = guests.admit("192.0.2.1")
    factories.GenerationFactory(owner=visitor, ready=True)
    return sign_in(visitor)


def test_signing_in_keeps_the_soundscape(guest, owner):
    assert "<h1>Sign in</h1>" in guest.get(reverse("account_login")).text
    answer = guest.post(reverse("account_login"), ACCOUNT)
    assert Generation.objects.owned_by(owner).count() == 1
    assert "in your history now" in guest.get(answer.url).text
    assert guest.session.get_expiry_age() > 86400


def test_a_wrong_password_leaves_the_guest_signed_in(guest):
    guest.post(reverse("account_login"), ACCOUNT | {"password": "wrong"})
    assert "Sign up to keep this" in guest.get(reverse("studio")).text


def test_a_second_factor_is_asked_for_first(guest, protected, clock):
    answer = guest.post(reverse("account_login"), ACCOUNT)
    assert answer.url == reverse("mfa_authenticate")
    assert not Generation.objects.owned_by(protected).exists()
    guest.post(answer.url, {"code": code(clock)})
    assert Generation.objects.owned_by(protected).count() == 1


def test_others_who_are_signed_in_see_no_sign_in_page(sign_in, owner):
    assert sign_in(owner).get(reverse("account_login")).url == reverse("studio")
