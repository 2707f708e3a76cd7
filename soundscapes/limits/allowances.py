"""Allowances of accounts: new ones begin small and grow with age.

So accounts made by the dozen get hardly more than one; who stays has the full limits in a week.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from soundscapes.engine.sound.plan import MAX_DURATION
from soundscapes.limits.errors import LimitError
from soundscapes.models import User


@dataclass(frozen=True, slots=True)
class Allowance:
    """Seconds of one soundscape, bytes of storage, and unfinished jobs at a time."""

    duration: int
    storage: int
    jobs: int
    grows_until: datetime | None

    @property
    def duration_in_words(self) -> str:
        minutes, seconds = divmod(self.duration, 60)
        return f"{minutes}:{seconds:02} minutes"

    @property
    def growth(self) -> str:
        """Say until when it grows; "" once it is full."""
        if self.grows_until is None:
            return ""
        day = date_format(self.grows_until, "j F")
        return f" Your account is new: its limits grow every day until {day}."


class TooLongError(LimitError):
    def __init__(self, allowance: Allowance) -> None:
        super().__init__(
            f"Your soundscapes may be {allowance.duration_in_words} long at most. "
            f"Ask for a shorter one.{allowance.growth}"
        )


def allowance(user: User) -> Allowance:
    """Return the full one for staff, for whom an administrator trusts, and after some days."""
    full = (int(MAX_DURATION), settings.STORAGE_LIMIT, settings.QUEUE_PER_USER)
    days = (timezone.now() - user.date_joined).days
    if user.is_trusted or user.is_staff or days >= settings.NEW_ACCOUNT_DAYS:
        return Allowance(*full, None)
    share = days / settings.NEW_ACCOUNT_DAYS
    small = (settings.NEW_DURATION, settings.NEW_STORAGE, settings.NEW_QUEUE)
    duration, storage, jobs = (
        min(most, round(first + share * (most - first)))
        for first, most in zip(small, full, strict=True)
    )
    until = user.date_joined + timedelta(days=settings.NEW_ACCOUNT_DAYS)
    return Allowance(duration, storage, jobs, until)


def check_duration(user: User, duration: int) -> None:
    """Raise TooLongError for more seconds than the account may ask for."""
    own = allowance(user)
    if duration > own.duration:
        raise TooLongError(own)
