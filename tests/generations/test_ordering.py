"""Orders of the history."""

from __future__ import annotations

import pytest

from soundscapes.generations.ordering import ORDERS
from soundscapes.models import Generation
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_place_by_title_is_what_a_user_reads(owner):
    rain, dog = (factories.category_named(slug) for slug in ("rain", "dog"))
    row = factories.GenerationFactory(owner=owner, ready=True)
    for rank, category in enumerate((rain, dog), 1):
        factories.LayerFactory(generation=row, rank=rank, category=category)
    (found,) = ORDERS["title"].sort(Generation.objects.owned_by(owner))
    assert found.place.strip(", ") == row.title.lower()
    Generation.objects.update(name="Breakfast")
    (found,) = ORDERS["title"].sort(Generation.objects.owned_by(owner))
    assert found.place == "breakfast"


@pytest.mark.parametrize("name", ORDERS)
def test_rows_after_a_place_are_those_behind_it(owner, name):
    image = factories.ImageFactory(owner=owner)
    factories.GenerationFactory.create_batch(4, owner=owner, image=image, ready=True)
    order = ORDERS[name]
    rows = order.sort(Generation.objects.owned_by(owner))
    second = rows[1]
    assert list(order.after(rows, second.place, second.pk)) == list(rows)[2:]
