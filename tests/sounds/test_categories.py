"""Changes to categories."""

import pytest

from soundscapes.models import Category
from soundscapes.sounds import categories
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_category_gets_new_descriptions():
    dog = factories.category_named("dog")
    categories.describe(dog, ("a puppy", "a kennel"))
    dog.refresh_from_db()
    assert dog.prompts == ["a puppy", "a kennel"]


def test_only_the_chosen_categories_change_their_sources():
    dog, cat = factories.category_named("dog"), factories.category_named("cat")
    chosen = Category.objects.filter(pk=dog.pk)
    assert categories.play(chosen, Category.Sources.SYNTHESISED) == [dog]
    for row in (dog, cat):
        row.refresh_from_db()
    assert dog.sources == Category.Sources.SYNTHESISED
    assert cat.sources == Category.Sources.RECORDINGS_FIRST
