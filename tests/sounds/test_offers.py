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


@pytest.fixture
def waterfall():
    """A category beyond ESC-50, as set-up imports it, beside a dog."""
    factories.ClipFactory(category=factories.category_named("dog"))
    row = factories.CategoryFactory(
        entry=factories.catalogue_entry("waterfall"), shipped_digest="shipped"
    )
    factories.ClipFactory(category=row)
    return row


def test_esc50_only_leaves_the_fifty_and_what_administrators_added(waterfall, settings):
    own = factories.CategoryFactory(entry=factories.catalogue_entry("stream"))
    factories.ClipFactory(category=own)
    assert waterfall in Category.objects.offered()
    settings.ESC50_ONLY = True
    assert {row.slug for row in Category.objects.offered()} == {"dog", "stream"}


def rank(image):
    for category in Category.objects.offered():
        factories.SimilarityFactory(image=image, category=category)


def test_images_are_ranked_again_after_an_upgrade_that_brings_categories(ranked, waterfall):
    factories.SimilarityFactory(image=ranked, category=factories.category_named("dog"))
    offers.follow_installation()
    assert Image.objects.get().state == State.NEW


@pytest.mark.parametrize("only", [True, False])
def test_images_are_ranked_again_if_the_setting_changed(ranked, waterfall, settings, only):
    settings.ESC50_ONLY = only
    rank(ranked)
    offers.follow_installation()
    assert Image.objects.get().state == State.READY
    settings.ESC50_ONLY = not only
    offers.follow_installation()
    assert Image.objects.get().state == State.NEW


def test_rankings_stay_if_the_same_categories_are_offered(ranked):
    with offers.followed():
        factories.category_named("dog")  # without a clip
    assert Image.objects.get().state == State.READY
