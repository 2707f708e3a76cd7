"""Idempotency keys, which are stored together with their work or not at all."""

import pytest
from django.db import transaction

from soundscapes.images import images
from soundscapes.limits import idempotency
from soundscapes.models import IdempotencyRecord
from tests import factories

pytestmark = pytest.mark.django_db


def test_failed_work_stores_no_key(owner):
    def broken(_answer):
        images.remember_latest(owner, factories.ImageFactory(owner=owner))
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        idempotency.once(owner, "a1", "x", broken)
    assert not IdempotencyRecord.objects.exists()
