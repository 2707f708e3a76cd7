"""Deletion of many rows in short transactions."""

import pytest

from soundscapes.files import bulk_deletion
from soundscapes.models import Export, SearchQuery
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(bulk_deletion, "BATCH", 2)


def test_rows_are_deleted_in_batches_until_none_are_left():
    factories.SearchQueryFactory.create_batch(5)
    sizes = []
    for keys in bulk_deletion.batches(SearchQuery.objects.all()):
        sizes.append(len(keys))
        SearchQuery.objects.filter(pk__in=keys).delete()
    assert sizes == [2, 2, 1]


def test_the_files_of_deleted_rows_are_deleted(stored, django_capture_on_commit_callbacks):
    factories.ExportFactory.create_batch(3)
    with django_capture_on_commit_callbacks(execute=True):
        assert bulk_deletion.delete(Export.objects.all()) == 3
    assert stored() == set()


def test_a_long_deletion_continues_at_the_next_call(monkeypatch):
    factories.SearchQueryFactory.create_batch(3)
    monkeypatch.setattr(bulk_deletion, "AT_ONCE", 0.0)
    assert bulk_deletion.delete(SearchQuery.objects.all()) == 0
    monkeypatch.undo()
    assert bulk_deletion.delete(SearchQuery.objects.all()) == 3
