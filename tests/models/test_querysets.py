"""Who sees what, what is offered, and what is finished."""

import re

import pytest

from soundscapes.models import Category, Clip, Generation, Image, State
from tests import factories

pytestmark = pytest.mark.django_db


def test_one_sees_one_s_own_pictures_and_those_of_active_sets(owner, stranger):
    mine = factories.ImageFactory(owner=owner)
    theirs = factories.ImageFactory(owner=stranger)
    shared = factories.ImageFactory(of_set=True)
    hidden = factories.ImageFactory(of_set=True, image_set__is_active=False)
    assert set(Image.objects.visible_to(owner)) == {mine, shared}
    assert set(Image.objects.visible_to(stranger)) == {theirs, shared}
    assert hidden not in Image.objects.preloaded()
    assert list(Image.objects.preloaded()) == [shared]


def test_the_picture_of_one_s_own_soundscape_stays_visible_when_its_set_is_put_away(
    owner, stranger
):
    image = factories.ImageFactory(of_set=True, image_set__is_active=False)
    factories.GenerationFactory(owner=owner, image=image)
    factories.GenerationFactory(owner=owner, image=image)
    assert list(Image.objects.visible_to(owner)) == [image]
    assert not Image.objects.visible_to(stranger).exists()


def test_administrators_see_the_pictures_of_every_set_but_not_of_other_users(
    administrator, stranger
):
    hidden = factories.ImageFactory(of_set=True, image_set__is_active=False)
    factories.ImageFactory(owner=stranger)
    assert list(Image.objects.visible_to(administrator)) == [hidden]


def test_a_category_is_offered_when_it_is_enabled_and_has_a_clip_that_is():
    offered = factories.ClipFactory(category=factories.category_named("dog")).category
    factories.ClipFactory(category=offered)
    factories.category_named("cat")
    factories.ClipFactory(category=factories.category_named("cow"), is_enabled=False)
    disabled = factories.ClipFactory(category=factories.category_named("hen")).category
    Category.objects.filter(pk=disabled.pk).update(is_enabled=False)
    assert list(Category.objects.offered()) == [offered]
    assert {clip.category for clip in Clip.objects.playable()} == {offered}


def test_only_enabled_clips_are_counted():
    category = factories.ClipFactory().category
    factories.ClipFactory(category=category, is_enabled=False)
    assert Category.objects.with_source_counts().get(pk=category.pk).clip_count == 1


def test_soundscapes_are_their_owner_s_and_finished_when_ready(owner, stranger):
    ready = factories.GenerationFactory(owner=owner, ready=True)
    queued = factories.GenerationFactory(owner=owner)
    failed = factories.GenerationFactory(owner=owner, state=State.FAILED)
    factories.GenerationFactory(owner=stranger, ready=True)
    mine = Generation.objects.owned_by(owner)
    assert set(mine) == {ready, queued, failed}
    assert list(mine.finished()) == [ready]


def test_a_list_of_soundscapes_takes_three_queries_however_long(django_assert_num_queries):
    for _ in range(3):
        factories.LayerFactory.create_batch(2, generation=factories.GenerationFactory())
    with django_assert_num_queries(3):
        assert len([row.title + row.image.title for row in Generation.objects.for_list()]) == 3


def test_a_soundscape_is_called_after_its_sounds_once_they_are_known():
    generation = factories.GenerationFactory(image__title="The harbour")
    assert generation.title == "The harbour"
    first, second = (factories.LayerFactory(generation=generation) for _ in range(2))
    assert generation.title == f"{first.category.label}, {second.category.label}"


def test_neither_strangers_pictures_nor_what_nobody_deleted_is_read(owner, plan_of):
    plans = [
        plan_of(Image.objects.visible_to(owner).order_by()),
        plan_of(Generation.objects.gone()),
    ]
    whole = r"\b(seq scan on|scan) soundscapes_(image|generation)\b"
    assert not any(re.search(whole, plan, re.I) for plan in plans), plans
