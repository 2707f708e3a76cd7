"""Counters of quotas, shared by all processes: in Redis where there is one, else in a table.

Neither forgets a counter before its window has ended, however many others there are.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from time import time

from django.conf import settings
from django.core.cache import cache

from soundscapes.models import QuotaCount


def increment(key: str, seconds: float) -> int:
    """Count one more in a window that ends in so many seconds; return the count."""
    if not settings.REDIS_URL:
        return QuotaCount.objects.increment(key, datetime.fromtimestamp(time() + seconds, UTC))
    cache.add(key, 0, seconds + 60)  # it must not end between the two calls
    return int(cache.incr(key))


def counts(keys: Collection[str]) -> dict[str, int]:
    return cache.get_many(keys) if settings.REDIS_URL else QuotaCount.objects.counts(keys)


def reset(key: str) -> None:
    if settings.REDIS_URL:
        cache.delete(key)
    else:
        QuotaCount.objects.filter(key=key).delete()
