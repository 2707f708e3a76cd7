"""Quotas, counted across processes in fixed windows.

Each request costs one atomic increment. Services charge for work, so that pages and programs meet
the same limit.
"""

import hashlib
from dataclasses import dataclass
from math import ceil
from time import time

from django.conf import settings
from django.db.models import TextChoices

from soundscapes.limits import counters
from soundscapes.limits.errors import LimitError
from soundscapes.models import User

WINDOWS = {1: "a second", 60: "a minute", 3600: "an hour", 86_400: "a day"}


class Kind(TextChoices):
    READ = "read", "reading"
    UPLOAD = "upload", "uploading"
    GENERATE = "generate", "generating"
    SIGN_IN = "sign_in", "signing in"
    SHARED = "shared", "opening shared links"
    ACCOUNT = "account", "signing in to this account"
    NEW_DEVICES = "new_devices", "signing in to this account from new devices"
    SIGN_UP = "sign_up", "signing up"
    SIGN_UPS = "sign_ups", "new accounts"
    LETTER = "letter", "letters to this address"


class QuotaExceededError(LimitError):
    """The window's limit is used up; `retry_after` is in whole seconds."""

    status = 429

    def __init__(self, kind: Kind, retry_after: int) -> None:
        limit, window = settings.QUOTAS[kind]
        within = WINDOWS.get(window, f"{window} seconds")
        whose = "This site's" if kind == Kind.SIGN_UPS else "Your"
        super().__init__(
            f"{whose} quota for {kind.label} ({limit} within {within}) is used up. "
            f"Try again in {in_words(retry_after)}."
        )
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Quota:
    """`remaining` of `limit` requests of one kind for `resets_in` more seconds."""

    kind: Kind
    limit: int
    window: int
    remaining: int
    resets_in: int

    @property
    def used(self) -> int:
        return self.limit - self.remaining


def take(kind: Kind, who: str) -> None:
    """Count one request of `who`. Raises QuotaExceededError."""
    limit, window = settings.QUOTAS[kind]
    if counters.increment(_key(kind, who, window), _resets_in(window)) > limit:
        raise QuotaExceededError(kind, _resets_in(window))


def charge(user: User, kind: Kind) -> None:
    """Count one request of a user. Raises QuotaExceededError."""
    take(kind, f"user-{user.pk}")


def check(user: User, *kinds: Kind) -> None:
    """Raise QuotaExceededError where one is used up; counts nothing."""
    for quota in left(user) if kinds else ():
        if quota.kind in kinds and not quota.remaining:
            raise QuotaExceededError(quota.kind, quota.resets_in)


def forget(kind: Kind, who: str) -> None:
    counters.reset(_key(kind, who, settings.QUOTAS[kind][1]))


def left(user: User) -> list[Quota]:
    kinds = (Kind.READ, Kind.UPLOAD, Kind.GENERATE)
    keys = {kind: _key(kind, f"user-{user.pk}", settings.QUOTAS[kind][1]) for kind in kinds}
    counts = counters.counts(keys.values())
    found = []
    for kind, key in keys.items():
        limit, window = settings.QUOTAS[kind]
        remaining = max(0, limit - counts.get(key, 0))
        found.append(Quota(kind, limit, window, remaining, _resets_in(window)))
    return found


def in_words(seconds: int) -> str:
    """Round up to 40 seconds, 12 minutes, 3 hours, so that waiting so long suffices."""
    for size, unit in ((3600, "hour"), (60, "minute")):
        if seconds > 1.5 * size:
            return f"{ceil(seconds / size)} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _key(kind: Kind, who: str, window: int) -> str:
    """Return a key of bounded length for any `who`, typed by anybody."""
    digest = hashlib.sha256(who.encode("utf-8", "replace")).hexdigest()
    return f"{kind}:{int(time() // window)}:{digest}"


def _resets_in(window: int) -> int:
    return max(1, ceil(window - time() % window))
