"""How much one may ask for, counted in the shared cache, so that all processes count together.

Windows are fixed: a count begins at the first request of a window's time and is forgotten at its
end. One atomic increment a request is all that it costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from time import time

from django.conf import settings
from django.core.cache import cache
from django.db.models import TextChoices

from soundscapes.engine.errors import EngineError
from soundscapes.models import User


class Kind(TextChoices):
    READ = "read", "reading"
    UPLOAD = "upload", "uploading"
    GENERATE = "generate", "generating"
    SIGN_IN = "sign_in", "signing in"
    ACCOUNT = "account", "signing in to this account"


class QuotaExceededError(EngineError):
    """Too much within one window; `retry_after` is in whole seconds."""

    def __init__(self, kind: Kind, retry_after: int) -> None:
        super().__init__(
            f"Your quota for {kind.label} is used up. Try again in {retry_after} seconds."
        )
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of one kind: `remaining` of `limit` requests for `resets_in` more seconds."""

    kind: Kind
    limit: int
    window: int
    remaining: int
    resets_in: int


def take(kind: Kind, who: str) -> None:
    """Count one request of `who`.

    Raises QuotaExceededError beyond the limit.
    """
    limit, window = settings.QUOTAS[kind]
    key = _key(kind, who, window)
    cache.add(key, 0)
    try:
        count = cache.incr(key)
    except ValueError:  # the cache made room between the two calls
        return
    if count > limit:
        raise QuotaExceededError(kind, _resets_in(window))


def forget(kind: Kind, who: str) -> None:
    """Count from nought again."""
    cache.delete(_key(kind, who, settings.QUOTAS[kind][1]))


def left(user: User) -> list[Quota]:
    """Every quota of a user as it stands."""
    kinds = (Kind.READ, Kind.UPLOAD, Kind.GENERATE)
    keys = {kind: _key(kind, user_key(user), settings.QUOTAS[kind][1]) for kind in kinds}
    counts = cache.get_many(keys.values())
    return [
        Quota(
            kind=kind,
            limit=settings.QUOTAS[kind][0],
            window=settings.QUOTAS[kind][1],
            remaining=max(0, settings.QUOTAS[kind][0] - counts.get(key, 0)),
            resets_in=_resets_in(settings.QUOTAS[kind][1]),
        )
        for kind, key in keys.items()
    ]


def user_key(user: User) -> str:
    return f"user-{user.pk}"


def _key(kind: Kind, who: str, window: int) -> str:
    return f"quota:{kind}:{who}:{int(time() // window)}"


def _resets_in(window: int) -> int:
    return max(1, ceil(window - time() % window))
