"""Encodings as bytes and JSON."""

import json
from types import SimpleNamespace

import numpy as np

from soundscapes.engine.matching.encoder import PhotoEncoding, PhotoLabel, Support
from soundscapes.engine.matching.packing import packed, unpacked
from soundscapes.engine.matching.scene import Scene
from soundscapes.engine.matching.vectors import storable, unit


def stored(**columns):
    """Return a row as a database keeps it: lists and objects are JSON."""
    as_json = {
        name: value if isinstance(value, bytes) else json.loads(json.dumps(value))
        for name, value in columns.items()
    }
    return SimpleNamespace(**as_json)


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
    row = stored(**packed(encoding))
    have = unpacked(row)
    assert (have.vectors == encoding.vectors).all()
    assert (have.support.weights == weights).all()
    assert (have.support.rarity == encoding.support.rarity).all()
    assert (have.labels, have.grid, have.scene) == (encoding.labels, (6, 6), Scene(dark=0.5))
    assert len(row.vectors) == 4 * 8  # what a search reads


def test_an_embedding_of_an_earlier_release_is_read():
    vectors = unit(np.random.default_rng(3).normal(size=(4, 8)))
    row = stored(
        vectors=vectors.astype("<f4").tobytes(),
        places=b"",
        labels=[["seashore", 0.5]],
        label_vectors=b"",
        support=b"",
        facts={},
    )
    assert (unpacked(row).vectors == vectors.astype(np.float32)).all()
    assert unpacked(row).grid == (1, 3)
