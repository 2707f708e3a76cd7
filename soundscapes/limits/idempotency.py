"""Idempotency keys.

The key's row is inserted in the transaction that does the work. A concurrent request with the same
key waits at the unique constraint and then returns the first response.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from soundscapes.engine.errors import EngineError
from soundscapes.files import batches
from soundscapes.models import IdempotencyRecord, User


class KeyReusedError(EngineError):
    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was already used for another request. "
            "Use a new key for each request."
        )


def fingerprint(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def once(
    user: User, key: str, asked: str, work: Callable[[IdempotencyRecord], None]
) -> tuple[IdempotencyRecord, bool]:
    """Do `work`, which fills in the record, unless `key` has one; return it and whether it existed.

    Raises KeyReusedError if the key was used for a request with another fingerprint than `asked`.
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
    """Delete expired records and return their number."""
    return batches.delete(IdempotencyRecord.objects.expired())
