"""Guests sign up before they get what gives access after their visit."""

import pytest

from soundscapes.accounts import guests, users
from soundscapes.generations.players.feeds import make_feed
from soundscapes.generations.players.streams import make_stream
from soundscapes.limits.guests import GuestError
from soundscapes.webhooks import webhooks

pytestmark = pytest.mark.django_db


def make_token(user):
    return users.create_token(user, "phone")


def make_webhook(user):
    return webhooks.create_webhook(user, "https://example.org/hook", ["generation.ready"])


@pytest.mark.parametrize("make", [make_token, make_webhook, make_feed, make_stream])
def test_what_gives_access_later_needs_an_account(make):
    guest = guests.admit("192.0.2.1")
    with pytest.raises(GuestError, match="Sign up first"):
        make(guest)
    guests.take_over(guest, "somebody", "a long password")
    assert make(guest)
