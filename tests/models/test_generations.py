"""Ownership, titles and database constraints of soundscapes and layers."""

import re

import pytest

from soundscapes.models import Category, Generation, Image, State
from tests import factories
from tests.models.constraints import is_refused

pytestmark = pytest.mark.django_db


def test_a_ready_soundscape_has_its_audio():
    assert is_refused(factories.GenerationFactory, state=State.READY)
    assert not is_refused(factories.GenerationFactory, ready=True)
    assert not is_refused(factories.GenerationFactory, state=State.FAILED)


def test_ranks_and_categories_are_unique_within_a_soundscape():
    layer = factories.LayerFactory(rank=1)
    assert is_refused(factories.LayerFactory, generation=layer.generation, rank=1)
    assert is_refused(
        factories.LayerFactory, generation=layer.generation, rank=2, category=layer.category
    )


def test_soundscapes_are_filtered_by_owner_and_state(owner, stranger):
    ready = factories.GenerationFactory(owner=owner, ready=True)
    queued = factories.GenerationFactory(owner=owner)
    failed = factories.GenerationFactory(owner=owner, state=State.FAILED)
    factories.GenerationFactory(owner=stranger, ready=True)
    mine = Generation.objects.owned_by(owner)
    assert set(mine) == {ready, queued, failed}
    assert list(mine.finished()) == [ready]


def test_a_list_of_soundscapes_takes_two_queries(django_assert_num_queries):
    for _ in range(3):
        factories.LayerFactory.create_batch(2, generation=factories.GenerationFactory())
    with django_assert_num_queries(2):
        assert len([row.title + row.image.title for row in Generation.objects.for_list()]) == 3


def test_a_soundscape_is_named_after_its_categories():
    generation = factories.GenerationFactory(image__title="The harbour")
    assert generation.title == "The harbour"
    first, second = (factories.LayerFactory(generation=generation) for _ in range(2))
    assert generation.title == f"{first.category.label}, {second.category.label}"


def private_categories(*slugs):
    for slug in slugs:
        factories.CategoryFactory(slug=slug, target=None, label="Our rain", is_private=True)


def test_a_search_does_not_grow_with_the_recordings_of_others(owner):
    def statement():
        sql, parameters = Generation.objects.owned_by(owner).search("rain").query.sql_with_params()
        return len(sql), len(parameters)

    private_categories("own_1")
    before = statement()
    private_categories("own_2", "own_3")
    assert statement() == before


def test_a_search_finds_the_recordings_in_soundscapes(owner):
    private_categories("own_1")
    mine = Category.everything.get(slug="own_1")
    heard = factories.LayerFactory(generation__owner=owner, category=mine).generation
    factories.LayerFactory(generation__owner=owner)
    found = Generation.objects.owned_by(owner).search
    assert found("our RAIN").get() == heard
    assert not found("nothing").exists()


@pytest.mark.parametrize("as_written", [str, str.upper, lambda words: f"“{words}!”"])
def test_a_soundscape_is_found_by_what_its_card_shows(as_written):
    remix = factories.GenerationFactory(image__title="The harbour", remix_name="Softer (night)")
    layer = factories.LayerFactory(generation=remix)
    other = factories.LayerFactory(generation=remix)
    factories.LayerFactory(generation=factories.GenerationFactory(), category=layer.category)
    assert remix.title == f"{layer.category.label}, {other.category.label}"
    for words in (remix.title, remix.remix_name, "Harbour, the"):
        assert list(Generation.objects.search(as_written(words))) == [remix]
    assert not Generation.objects.search("?").exists()


def test_only_relevant_rows_are_read(owner, plan_of):
    plans = [
        plan_of(Image.objects.visible_to(owner).order_by()),
        plan_of(Generation.objects.gone()),
    ]
    whole = r"\b(seq scan on|scan) soundscapes_(image|generation)\b"
    assert not any(re.search(whole, plan, re.I) for plan in plans), plans
