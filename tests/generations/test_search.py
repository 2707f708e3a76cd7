"""Semantic search: vectors of queries, and the closest images."""

import numpy as np
import pytest

from soundscapes.generations import library, search
from soundscapes.models import Embedding, SearchQuery
from tests import factories
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db


def seen(owner, *vectors):
    """Create a soundscape for each whole-image vector. Return the images."""
    rows = []
    for vector in vectors:
        generation = factories.GenerationFactory(owner=owner, ready=True)
        packed = np.tile(np.asarray(vector, dtype="<f4"), (4, 1)).tobytes()
        factories.EmbeddingFactory(image=generation.image, vectors=packed)
        rows.append(generation)
    return rows


def axis(*weights):
    """Return a unit vector of the encoder's dimension that starts with these weights."""
    vector = np.zeros(search.matching.encoder().dimension, dtype=np.float32)
    vector[: len(weights)] = weights
    return vector / np.linalg.norm(vector)


def test_equal_queries_share_a_vector():
    assert search.query_vector("Beach at  night") is None
    assert search.query_vector("beach at night") is None
    assert len(waiting()) == 1
    assert work_off() == []
    vector = search.query_vector(" beach at night ")
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert waiting() == []


def test_a_missing_query_or_another_encoder_is_no_error():
    search.encode_query(999)
    query = SearchQuery.objects.create(text="x", encoder="another")
    search.encode_query(query.pk)
    query.refresh_from_db()
    assert query.unpack() is None


def test_a_search_finds_images_by_meaning():
    """Uses the real encoder: a beach is closer to the sea than to a kitchen."""
    for text in ("beach at night", "the seashore", "a kitchen with a stove"):
        search.query_vector(text)
    assert work_off() == []
    beach, sea, kitchen = (
        search.query_vector(t) for t in ("beach at night", "the seashore", "a kitchen with a stove")
    )
    assert beach @ sea > beach @ kitchen + 0.1


def test_only_images_that_stand_out_are_returned_closest_first(owner):
    far = [axis(0, 0, 1)] * 4
    rows = seen(owner, axis(0.5, 1), axis(1), *far, axis(1, 0.2))
    found = search.closest_images(owner, axis(1))
    assert found == [rows[1].image_id, rows[-1].image_id]


@pytest.mark.parametrize(
    ("text", "finds"), [("xyzzy", 0), ("something calm for sleeping", 0), ("a siren", 2)]
)
def test_a_text_finds_nothing_that_it_does_not_describe(owner, text, finds):
    """Uses the real encoder, for which images are mixtures of such labels."""
    shown = search.matching.encoder().encode_texts(["an ambulance", "a fire engine"])
    seen(owner, *shown)
    search.query_vector(text)
    assert work_off() == []
    assert len(search.closest_images(owner, search.query_vector(text))) == finds


def test_only_images_of_own_soundscapes_are_searched(owner, stranger):
    seen(stranger, axis(1))
    mine, deleted = seen(owner, axis(1, 1), axis(1))
    library.delete(owner, [deleted.pk])
    Embedding.objects.create(image=mine.image, encoder="another", vectors=b"")
    assert search.closest_images(owner, axis(1)) == [mine.image_id]


def test_without_images_nothing_is_found(owner):
    assert search.closest_images(owner, axis(1)) == []


def test_images_are_compared_in_batches(owner, monkeypatch):
    monkeypatch.setattr(search, "BATCH", 2)
    rows = seen(owner, axis(0, 1), axis(0, 1), axis(0, 1), axis(0, 1), axis(1))
    assert search.closest_images(owner, axis(1)) == [rows[-1].image_id]
