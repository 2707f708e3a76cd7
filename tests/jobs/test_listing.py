"""The list of a user's jobs of every kind."""

import pytest

from soundscapes.jobs import listing
from soundscapes.models import State
from tests import factories

pytestmark = pytest.mark.django_db


def test_users_see_only_their_own_jobs_of_every_kind(owner, stranger):
    image = factories.ImageFactory(owner=owner, state=State.MATCHING)
    generation = factories.GenerationFactory(owner=owner, image=image)
    factories.ImageFactory(owner=owner, state=State.NEW)  # its matching was never requested
    factories.GenerationFactory(owner=stranger)
    found = {(row["id"], row["kind"]) for row in listing.Jobs(owner).rows()}
    assert found == {(image.pk, "matching"), (generation.pk, "generation")}


def test_a_single_job_equals_its_row_in_the_list(owner):
    generation = factories.GenerationFactory(owner=owner, ready=True)
    (row,) = listing.Jobs(owner, kinds=["generation"]).rows()
    assert listing.row_of(generation) == row
    assert set(listing.FIELDS) <= set(row)


def test_only_its_owner_finds_a_job_by_id(owner, stranger):
    rendition = factories.RenditionFactory(generation__owner=owner)
    assert listing.find_job(owner, rendition.pk) == rendition
    assert listing.find_job(stranger, rendition.pk) is None


def test_unfinished_jobs_are_in_queue_order_without_excluded_kinds(owner):
    first, second = (factories.GenerationFactory(owner=owner) for _ in range(2))
    factories.GenerationFactory(owner=owner, ready=True)
    rows = listing.unfinished_of(owner, without=())
    assert [row["id"] for row in rows if row["kind"] == "generation"] == [first.pk, second.pk]
    assert {row["label"] for row in rows} == {"Creating a soundscape"}
    assert not listing.unfinished_of(owner, without=["generation"])
