"""Many rows, read and deleted in batches."""

import pytest

from soundscapes.files import batches
from soundscapes.models import Export, SearchQuery
from tests import factories
from tests.connections import is_reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 2)


def test_rows_are_deleted_in_batches_until_none_are_left():
    factories.SearchQueryFactory.create_batch(5)
    sizes = []
    for keys in batches.keys(SearchQuery.objects.all()):
        sizes.append(len(keys))
        SearchQuery.objects.filter(pk__in=keys).delete()
    assert sizes == [2, 2, 1]


def test_the_files_of_deleted_rows_are_deleted(stored, django_capture_on_commit_callbacks):
    factories.ExportFactory.create_batch(3)
    with django_capture_on_commit_callbacks(execute=True):
        assert batches.delete(Export.objects.all()) == 3
    assert stored() == set()


def test_a_long_deletion_continues_at_the_next_call(monkeypatch):
    factories.SearchQueryFactory.create_batch(3)
    monkeypatch.setattr(batches, "AT_ONCE", 0.0)
    assert batches.delete(SearchQuery.objects.all()) == 0
    monkeypatch.undo()
    assert batches.delete(SearchQuery.objects.all()) == 3


@pytest.mark.once
def test_rows_are_read_in_their_order_with_no_query_open_between_them():
    made = factories.SearchQueryFactory.create_batch(5)
    seen = []
    for row in batches.read(SearchQuery.objects.order_by("-pk"), 2):
        seen.append(row.pk)
        assert not is_reading()
    assert seen == sorted((row.pk for row in made), reverse=True)
