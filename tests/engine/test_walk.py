"""Slow random walks on a ring."""

import numpy as np
import pytest

from soundscapes.engine.sound.beds.walk import MOST, Walk


def walks(duration, count=200):
    times = np.arange(0, duration, 1.0)
    return np.array([Walk(duration, np.random.default_rng(n)).at(times) for n in range(count)])


def test_a_walk_is_reproducible_and_closes():
    one, other = (Walk(300.0, np.random.default_rng(1)) for _ in range(2))
    assert one.at(12.5) == other.at(12.5)
    assert one.at(0.0) == pytest.approx(float(one.at(300.0)))


def test_a_long_walk_spreads_as_stated_and_a_short_one_less():
    assert walks(3600.0, 20).std() == pytest.approx(0.7, abs=0.1)
    assert walks(30.0).std() < 0.6


def test_a_walk_moves_within_a_minute_but_not_within_a_second():
    paths = walks(3600.0, 20)
    assert np.abs(np.diff(paths)).max() < 0.3
    assert (paths[:, 90:] - paths[:, :-90]).std() > 0.8
    assert np.abs(paths).max() <= MOST
