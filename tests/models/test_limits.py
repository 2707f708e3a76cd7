"""Atomic counts of quotas, and records of idempotency keys, which are kept for a day."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from soundscapes.models import IdempotencyRecord, QuotaCount
from soundscapes.models.limits import LIFETIME
from tests import factories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_each_key_is_counted_separately_in_one_query(django_assert_num_queries):
    ends_at = timezone.now() + HOUR
    with django_assert_num_queries(4):
        counted = [QuotaCount.objects.increment(key, ends_at) for key in "aaba"]
    assert counted == [1, 2, 1, 3]
    assert QuotaCount.objects.counts(["a", "b", "c"]) == {"a": 3, "b": 1}
    assert QuotaCount.objects.get(key="a").ends_at == ends_at


def test_a_count_ends_with_its_window():
    past = factories.QuotaCountFactory(ends_at=timezone.now() - HOUR)
    factories.QuotaCountFactory()
    assert list(QuotaCount.objects.ended()) == [past]


def test_a_record_expires_after_its_lifetime():
    _new, old = (factories.IdempotencyRecordFactory() for _ in range(2))
    IdempotencyRecord.objects.filter(pk=old.pk).update(created_at=timezone.now() - LIFETIME)
    assert list(IdempotencyRecord.objects.expired()) == [old]


def test_a_key_is_unique_per_user(owner, stranger):
    record = factories.IdempotencyRecordFactory(user=owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.IdempotencyRecordFactory(user=owner, key=record.key)
    assert factories.IdempotencyRecordFactory(user=stranger, key=record.key).pk
