"""A user's jobs of every kind, in one list."""

import pytest

from soundscapes.jobs import listing
from soundscapes.models import State
from tests import factories

pytestmark = pytest.mark.django_db


def test_jobs_of_every_kind_are_one_s_own(owner, stranger):
    image = factories.ImageFactory(owner=owner, state=State.MATCHING)
    generation = factories.GenerationFactory(owner=owner, image=image)
    factories.ImageFactory(owner=owner, state=State.NEW)  # nobody has asked for its matching
    factories.GenerationFactory(owner=stranger)
    found = {(row["id"], row["kind"]) for row in listing.jobs_of(owner)}
    assert found == {(image.pk, "matching"), (generation.pk, "generation")}


def test_a_job_is_the_row_that_the_list_has_of_it(owner):
    generation = factories.GenerationFactory(owner=owner, ready=True)
    (row,) = listing.jobs_of(owner, kinds=["generation"])
    assert listing.row_of(generation) == row
    assert set(listing.FIELDS) <= set(row)


def test_a_job_is_found_by_its_id_and_by_its_owner_alone(owner, stranger):
    rendition = factories.RenditionFactory(generation__owner=owner)
    assert listing.find_job(owner, rendition.pk) == rendition
    assert listing.find_job(stranger, rendition.pk) is None


def test_what_is_unfinished_comes_in_the_order_of_the_queue_without_the_named_kinds(owner):
    first, second = (factories.GenerationFactory(owner=owner) for _ in range(2))
    factories.GenerationFactory(owner=owner, ready=True)
    rows = listing.unfinished_of(owner, without=())
    assert [row["id"] for row in rows if row["kind"] == "generation"] == [first.pk, second.pk]
    assert not listing.unfinished_of(owner, without=["generation"]).exists()
