"""Limits of what gives access to an account later."""

import pytest

from soundscapes.accounts import guests, users
from soundscapes.generations.players import feeds, streams
from soundscapes.limits.grants import GuestError, TooManyError
from soundscapes.webhooks import webhooks

pytestmark = pytest.mark.django_db


def make_token(user):
    return users.create_token(user, "phone")[0]


def make_webhook(user):
    return webhooks.create_webhook(user, "https://example.org/hook", ["generation.ready"])


def make_feed(user):
    return feeds.make_feed(user)[0]


def make_stream(user):
    return streams.make_stream(user)[0]


@pytest.mark.parametrize("make", [make_token, make_webhook, make_feed, make_stream])
def test_what_gives_access_later_needs_an_account(make):
    guest = guests.admit("192.0.2.1")
    with pytest.raises(GuestError, match="Sign up first"):
        make(guest)
    guests.take_over(guest, "somebody", "a long password")
    assert make(guest)


@pytest.mark.parametrize(
    ("make", "most", "advice"),
    [
        (make_token, users.MAX_TOKENS, "Revoke one that you no longer need"),
        (make_webhook, webhooks.MAX_WEBHOOKS, "Delete one first"),
        (make_feed, feeds.MAX_FEEDS, "Revoke one first"),
        (make_stream, streams.MAX_STREAMS, "Revoke one first"),
    ],
)
def test_an_account_has_a_bounded_number(owner, stranger, make, most, advice):
    made = [make(owner) for _ in range(most)]
    with pytest.raises(TooManyError, match=f"You have {most} .*{advice}"):
        make(owner)
    make(stranger)
    made[0].delete()
    make(owner)
