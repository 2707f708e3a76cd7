"""Vectors of encoders: of unit length, and rounded as they are stored."""

import numpy as np

from soundscapes.engine.matching.vectors import storable, unit


def test_rows_become_unit_vectors_and_rows_of_zeros_stay():
    rows = unit(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert rows.dtype == np.float32
    assert np.allclose(rows, [[0.6, 0.8], [0.0, 0.0]])


def test_rounded_rows_survive_storing_in_16_bits():
    rows = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)
    rounded = storable(rows)
    assert np.array_equal(rounded.astype(np.float16).astype(np.float32), rounded)
    assert np.allclose(rounded, rows, rtol=1e-3)
