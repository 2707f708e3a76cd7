"""Rankings that follow the categories on offer."""

import pytest

from soundscapes.models import Category, Clip, Image, State
from soundscapes.sounds import catalogue, clips, offers
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ranked():
    return factories.ImageFactory(state=State.READY)


def test_images_are_ranked_again_when_a_category_is_switched_off(ranked):
    dog = factories.ClipFactory(category=factories.category_named("dog")).category
    catalogue.edit_category(dog, {"gain_db"})
    assert Image.objects.get().state == State.READY
    dog.is_enabled = False
    catalogue.edit_category(dog, {"is_enabled"})
    assert Image.objects.get().state == State.NEW


def test_images_are_ranked_again_when_a_category_loses_its_only_clip(ranked):
    dog = factories.category_named("dog")
    factories.ClipFactory(category=dog)
    only = factories.ClipFactory(category=factories.category_named("cat"))
    clips.move(Clip.objects.exclude(category=dog), dog)
    assert Image.objects.get().state == State.NEW
    assert only.category not in Category.objects.offered()


def test_rankings_stay_if_the_same_categories_are_offered(ranked):
    with offers.followed():
        factories.category_named("dog")  # without a clip
    assert Image.objects.get().state == State.READY
