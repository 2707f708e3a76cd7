"""Search queries and their vectors."""

import numpy as np
import pytest

from soundscapes.models import SearchQuery
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_vector_unpacks_unchanged():
    vector = factories.encoding(1).vectors[0]
    query = factories.SearchQueryFactory()
    assert query.unpack() is None
    query.vector = vector.astype("<f4").tobytes()
    query.save()
    query.refresh_from_db()
    assert np.array_equal(query.unpack(), vector)


def test_queries_are_separate_for_each_encoder():
    query = factories.SearchQueryFactory(text="beach", encoder="one")
    factories.SearchQueryFactory(text="beach", encoder="another")
    assert list(SearchQuery.objects.asked("beach", "one")) == [query]
