"""Image sets, categories and clips in the API."""

import pytest

from tests import factories
from tests.api.lists import results

pytestmark = pytest.mark.django_db


def test_only_administrators_see_an_inactive_set(api, program, administrator):
    hidden = factories.ImageSetFactory(is_active=False)
    assert results(api, "image-sets") == []
    (row,) = results(program(administrator), "image-sets")
    assert row["id"] == str(hidden.public_id)
    assert api.get(row["url"]).status_code == 404
