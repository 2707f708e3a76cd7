"""Atomic counts of quotas."""

from datetime import timedelta

import pytest
from django.utils import timezone

from soundscapes.models import QuotaCount
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
