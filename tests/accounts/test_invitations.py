"""Invitations, whose uses are counted."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError
from django.utils import timezone

from soundscapes.accounts import invitations, users
from soundscapes.models import Invitation, User
from tests.connections import at_once, parallel, raised

pytestmark = pytest.mark.django_db
GOOD = "a quiet walk by the sea"


def accept(name, invitation):
    return users.sign_up(name, GOOD, address="192.0.2.1", invitation=invitation.token)


def test_an_invitation_works_for_its_number_of_accounts():
    invitation = Invitation.objects.create(max_uses=2)
    accept("first", invitation)
    assert invitations.is_valid(invitation.token)
    accept("second", invitation)
    assert not invitations.is_valid(invitation.token)
    with pytest.raises(invitations.InvitationError):
        accept("third", invitation)
    assert User.objects.count() == 2


def test_an_invitation_ends():
    invitation = Invitation.objects.create(ends_at=timezone.now() - timedelta(seconds=1))
    assert not invitations.is_valid(invitation.token)
    with pytest.raises(invitations.InvitationError):
        accept("late", invitation)


def test_a_refused_account_does_not_use_an_invitation_up(owner):
    invitation = Invitation.objects.create()
    with pytest.raises(IntegrityError):
        accept(owner.username, invitation)
    assert invitations.is_valid(invitation.token)


@parallel
def test_concurrent_sign_ups_use_an_invitation_once():
    invitation = Invitation.objects.create()
    results = at_once(*(partial(accept, f"new{number}", invitation) for number in range(4)))
    assert raised(results, invitations.InvitationError) == 3
    assert User.objects.count() == 1
