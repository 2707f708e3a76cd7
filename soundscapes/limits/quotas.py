"""Quotas, counted across processes in fixed windows.

Each request costs one atomic increment, in Redis if it is configured and in a table otherwise:
neither evicts counters when there are many. Services charge for work, so that pages and API clients
share the same limits.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from time import time

from django.conf import settings
from django.core.cache import cache
from django.db.models import TextChoices
from django.utils import timezone

from soundscapes.limits.errors import LimitError
from soundscapes.models import QuotaCount, User

WINDOWS = {1: "a second", 60: "a minute", 3600: "an hour", 86_400: "a day"}


class Kind(TextChoices):
    READ = "read", "reading"
    UPLOAD = "upload", "uploading"
    GENERATE = "generate", "generating"
    PREVIEW = "preview", "trying sounds"
    SIGN_IN = "sign_in", "signing in"
    SHARED = "shared", "opening shared links"
    ACCOUNT = "account", "signing in to this account"
    NEW_DEVICES = "new_devices", "signing in to this account from new devices"
    SIGN_UP = "sign_up", "signing up"
    SIGN_UPS = "sign_ups", "new accounts"
    EMAIL = "letter", "emails to this address"  # the value is part of the API


class QuotaExceededError(LimitError):
    """The quota of this window is used up; `retry_after` is in whole seconds."""

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
    """The `remaining` of `limit` requests of one kind for the next `resets_in` seconds."""

    kind: Kind
    limit: int
    window: int
    remaining: int
    resets_in: int

    @property
    def used(self) -> int:
        return self.limit - self.remaining


def take(kind: Kind, who: str) -> None:
    """Count one request of `who`, any string. Raises QuotaExceededError."""
    limit, window = settings.QUOTAS[kind]
    if _count(_key(kind, who, window), _resets_in(window)) > limit:
        raise QuotaExceededError(kind, _resets_in(window))


def charge(user: User, kind: Kind) -> None:
    """Count one request of a user. Raises QuotaExceededError."""
    take(kind, f"user-{user.pk}")


def check(user: User, *kinds: Kind) -> None:
    """Raise QuotaExceededError if one of the quotas is used up, without counting a request."""
    for quota in left(user) if kinds else ():
        if quota.kind in kinds and not quota.remaining:
            raise QuotaExceededError(quota.kind, quota.resets_in)


def forget(kind: Kind, who: str) -> None:
    key = _key(kind, who, settings.QUOTAS[kind][1])
    if settings.REDIS_URL:
        cache.delete(key)
    else:
        QuotaCount.objects.filter(key=key).delete()


def left(user: User) -> list[Quota]:
    kinds = (Kind.READ, Kind.UPLOAD, Kind.GENERATE)
    keys = {kind: _key(kind, f"user-{user.pk}", settings.QUOTAS[kind][1]) for kind in kinds}
    asked = keys.values()
    counts = cache.get_many(asked) if settings.REDIS_URL else QuotaCount.objects.counts(asked)
    found = []
    for kind, key in keys.items():
        limit, window = settings.QUOTAS[kind]
        remaining = max(0, limit - counts.get(key, 0))
        found.append(Quota(kind, limit, window, remaining, _resets_in(window)))
    return found


def in_words(seconds: int) -> str:
    """Format as 40 seconds, 12 minutes or 3 hours, rounded up so that this wait is enough."""
    for size, unit in ((3600, "hour"), (60, "minute")):
        if seconds > 1.5 * size:
            return f"{ceil(seconds / size)} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _key(kind: Kind, who: str, window: int) -> str:
    """Return a key of bounded length: `who` may be user input."""
    digest = hashlib.sha256(who.encode("utf-8", "replace")).hexdigest()
    return f"{kind}:{int(time() // window)}:{digest}"


def _count(key: str, seconds: int) -> int:
    """Count one request in a window that ends in `seconds`; return the new count."""
    if not settings.REDIS_URL:
        return QuotaCount.objects.increment(key, timezone.now() + timedelta(seconds=seconds))
    cache.add(key, 0, seconds + 60)  # must not expire between the two calls
    return int(cache.incr(key))


def _resets_in(window: int) -> int:
    return max(1, ceil(window - time() % window))
