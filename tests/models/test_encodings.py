"""Encodings in the columns of an embedding."""

import numpy as np
import pytest

from soundscapes.engine.matching.encoder import PhotoEncoding, PhotoLabel, Support, storable, unit
from soundscapes.engine.matching.scene import Scene
from tests import factories

pytestmark = pytest.mark.django_db


def test_an_embedding_with_many_places_gives_back_everything_but_a_little_precision():
    rows = unit(np.random.default_rng(1).normal(size=(37, 8)))
    weights = storable(np.random.default_rng(2).uniform(size=(37, 2)))
    encoding = PhotoEncoding(
        np.vstack([rows[:1], storable(rows[1:])]),
        (PhotoLabel("seashore", 0.5, rows[0], {"sea_waves": 0.9}),),
        (6, 6),
        Support(("sea_waves", "wind"), weights, np.array([0.5, 2.0], dtype=np.float32)),
        Scene(dark=0.5),
    )
    row = factories.EmbeddingFactory(**factories.Embedding.pack(encoding))
    row.refresh_from_db()
    have = row.unpack()
    assert (have.vectors == encoding.vectors).all()
    assert (have.support.weights == weights).all()
    assert (have.support.rarity == encoding.support.rarity).all()
    assert (have.labels, have.grid, have.scene) == (encoding.labels, (6, 6), Scene(dark=0.5))
    assert len(row.vectors) == 4 * 8  # what a search reads


def test_an_embedding_of_an_earlier_release_is_read():
    encoding = factories.encoding(3)
    row = factories.EmbeddingFactory(
        vectors=encoding.vectors.astype("<f4").tobytes(), labels=[["seashore", 0.5]], facts={}
    )
    row.refresh_from_db()
    assert (row.unpack().vectors == encoding.vectors).all()
    assert row.unpack().grid == (1, 3)
