"""Idempotency keys.

The key's row is inserted in the transaction that does the work: a concurrent request waits at the
unique constraint and then returns the first answer.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from soundscapes.engine.errors import EngineError
from soundscapes.files import bulk_deletion
from soundscapes.models import IdempotencyRecord, User


class KeyReusedError(EngineError):
    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was sent with another request before. Take a new one for each."
        )


def fingerprint(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def once(
    user: User, key: str, asked: str, work: Callable[[IdempotencyRecord], None]
) -> tuple[IdempotencyRecord, bool]:
    """Do `work`, which fills in the answer, unless `key` has one; return the answer and if it is
    old.

    Raises KeyReusedError where the key belongs to another request than `asked`.
    """
    answer = IdempotencyRecord(user=user, key=key, fingerprint=asked)
    mine = IdempotencyRecord.objects.filter(user=user, key=key)
    try:
        with transaction.atomic():
            mine.expired().delete()
            answer.save(force_insert=True)
            work(answer)
            answer.save()
    except IntegrityError:
        known = mine.first()
        if known is None:
            raise
        if known.fingerprint != asked:
            raise KeyReusedError from None
        return known, True
    return answer, False


def forget_expired() -> int:
    """Delete expired answers; return how many."""
    return bulk_deletion.delete(IdempotencyRecord.objects.expired())
