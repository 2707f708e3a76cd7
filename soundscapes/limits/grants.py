"""Limits of what gives access to an account later: API tokens, feeds, streams and webhooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Manager

from soundscapes.engine.errors import EngineError
from soundscapes.limits.errors import LimitError
from soundscapes.models import User


class GuestError(LimitError):
    def __init__(self) -> None:
        super().__init__(
            "Sign up first: this would outlast your guest visit. You keep your soundscapes."
        )


class TooManyError(EngineError):
    """The account has as many as it may have."""


@contextmanager
def one_more(user: User, owned: Manager[Any], most: int, refusal: str) -> Iterator[None]:
    """Lock the account while the block gives it one more of the rows that it owns.

    Raise GuestError for a guest, whose account ends within the hour, and TooManyError with the
    `refusal` if there are `most` rows already.
    """
    if user.guest_until:
        raise GuestError
    with transaction.atomic():
        User.lock(pk=user.pk)  # concurrent requests count one after another
        if owned.count() >= most:
            raise TooManyError(refusal)
        yield
