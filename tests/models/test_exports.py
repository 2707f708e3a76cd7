"""Ownership and expiry of exports."""

import pytest
from django.utils import timezone

from soundscapes.models import Export, State
from soundscapes.models.exports import KEPT_FOR
from tests import factories

pytestmark = pytest.mark.django_db


def test_only_its_owner_can_download_an_export_until_it_expires(owner, stranger):
    export = factories.ExportFactory(owner=owner)
    assert export.expires_at == export.finished_at + KEPT_FOR
    assert list(Export.objects.downloadable_by(owner)) == [export]
    assert not Export.objects.of(stranger).exists()
    Export.objects.update(finished_at=timezone.now() - KEPT_FOR)
    assert not Export.objects.of(owner).exists()
    assert list(Export.objects.expired()) == [export]


def test_an_export_in_progress_is_visible_but_not_downloadable(owner):
    export = factories.ExportFactory(owner=owner, state=State.QUEUED, file="", finished_at=None)
    assert list(Export.objects.of(owner)) == [export]
    assert not Export.objects.downloadable_by(owner).exists()
    assert export.expires_at is None
