"""Deleting many rows in transactions that are short."""

import pytest

from soundscapes.files import bulk_deletion
from soundscapes.models import Export, SearchQuery
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(bulk_deletion, "BATCH", 2)


def test_rows_are_taken_some_at_a_time_until_none_is_left():
    factories.SearchQueryFactory.create_batch(5)
    sizes = []
    for keys in bulk_deletion.batches(SearchQuery.objects.all()):
        sizes.append(len(keys))
        SearchQuery.objects.filter(pk__in=keys).delete()
    assert sizes == [2, 2, 1]


def test_rows_go_with_their_files(stored, django_capture_on_commit_callbacks):
    factories.ExportFactory.create_batch(3)
    with django_capture_on_commit_callbacks(execute=True):
        assert bulk_deletion.delete(Export.objects.all()) == 3
    assert stored() == set()


def test_what_takes_too_long_is_left_to_the_next_time(monkeypatch):
    factories.SearchQueryFactory.create_batch(3)
    monkeypatch.setattr(bulk_deletion, "AT_ONCE", 0.0)
    assert bulk_deletion.delete(SearchQuery.objects.all()) == 0
    monkeypatch.undo()
    assert bulk_deletion.delete(SearchQuery.objects.all()) == 3
