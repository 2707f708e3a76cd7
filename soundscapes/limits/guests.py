"""Limits of guests, whose accounts end within the hour."""

from soundscapes.limits.errors import LimitError
from soundscapes.models import User


class GuestError(LimitError):
    def __init__(self) -> None:
        super().__init__(
            "Sign up first, because this lasts longer than a visit. Your soundscapes stay yours."
        )


def require_account(user: User) -> None:
    """Raise GuestError for a guest: what gives access later is for accounts that stay."""
    if user.guest_until:
        raise GuestError
