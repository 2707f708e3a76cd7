"""Changes to categories."""

import pytest

from soundscapes.models import Category, Clip, Image, State
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


def test_images_are_ranked_again_when_a_category_loses_its_clips():
    dog = factories.category_named("dog")
    factories.ClipFactory(category=dog, source=Clip.Source.SYNTHESISED)
    factories.ImageFactory(state=State.READY)
    categories.play(Category.objects.all(), Category.Sources.RECORDINGS)
    assert Image.objects.get().state == State.NEW
