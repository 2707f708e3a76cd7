"""Records of idempotency keys, which are kept for a day."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from soundscapes.models import IdempotencyRecord
from soundscapes.models.idempotency import LIFETIME
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_record_expires_after_its_lifetime():
    _new, old = (factories.IdempotencyRecordFactory() for _ in range(2))
    IdempotencyRecord.objects.filter(pk=old.pk).update(created_at=timezone.now() - LIFETIME)
    assert list(IdempotencyRecord.objects.expired()) == [old]


def test_a_key_is_unique_per_user(owner, stranger):
    record = factories.IdempotencyRecordFactory(user=owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.IdempotencyRecordFactory(user=owner, key=record.key)
    assert factories.IdempotencyRecordFactory(user=stranger, key=record.key).pk
