"""An export is its owner's, and only for a while."""

import pytest
from django.utils import timezone

from soundscapes.models import Export, State
from soundscapes.models.exports import KEPT_FOR
from tests import factories

pytestmark = pytest.mark.django_db


def test_it_is_there_for_its_owner_until_it_expires(owner, stranger):
    export = factories.ExportFactory(owner=owner)
    assert export.expires_at == export.finished_at + KEPT_FOR
    assert list(Export.objects.downloadable_by(owner)) == [export]
    assert not Export.objects.of(stranger).exists()
    Export.objects.update(finished_at=timezone.now() - KEPT_FOR)
    assert not Export.objects.of(owner).exists()
    assert list(Export.objects.expired()) == [export]


def test_one_that_is_being_made_is_seen_and_not_downloaded(owner):
    export = factories.ExportFactory(owner=owner, state=State.QUEUED, file="", finished_at=None)
    assert list(Export.objects.of(owner)) == [export]
    assert not Export.objects.downloadable_by(owner).exists()
    assert export.expires_at is None
