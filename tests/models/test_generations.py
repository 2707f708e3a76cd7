"""Soundscapes and layers: whose they are, their titles, and what the database refuses."""

import re

import pytest
from django.db import IntegrityError, transaction

from soundscapes.models import Generation, Image, State
from tests import factories

pytestmark = pytest.mark.django_db


def is_refused(make, **fields) -> bool:
    try:
        with transaction.atomic():
            make(**fields)
    except IntegrityError:
        return True
    return False


def test_a_ready_soundscape_has_its_audio():
    assert is_refused(factories.GenerationFactory, state=State.READY)
    assert not is_refused(factories.GenerationFactory, ready=True)
    assert not is_refused(factories.GenerationFactory, state=State.FAILED)


def test_a_soundscape_has_each_rank_and_each_category_once():
    layer = factories.LayerFactory(rank=1)
    assert is_refused(factories.LayerFactory, generation=layer.generation, rank=1)
    assert is_refused(
        factories.LayerFactory, generation=layer.generation, rank=2, category=layer.category
    )


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


def test_neither_strangers_images_nor_what_nobody_deleted_is_read(owner, plan_of):
    plans = [
        plan_of(Image.objects.visible_to(owner).order_by()),
        plan_of(Generation.objects.gone()),
    ]
    whole = r"\b(seq scan on|scan) soundscapes_(image|generation)\b"
    assert not any(re.search(whole, plan, re.I) for plan in plans), plans
