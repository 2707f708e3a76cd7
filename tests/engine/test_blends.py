"""Variants beyond the described ones lie between two of them, in every parameter."""

from dataclasses import dataclass

import numpy as np
import pytest

from soundscapes.engine.sound.bank.blends import among


@pytest.fixture
def random():
    return np.random.default_rng(5)


def test_a_described_variant_is_taken_as_it_is_and_draws_nothing(random):
    before = random.bit_generator.state
    assert among(random, 1, (2.0, 3.0)) == 3.0
    assert random.bit_generator.state == before


def test_a_further_one_is_between_its_two(random):
    found = [among(random, 4, (100.0, 200.0, 7.0, 9.0)) for _ in range(20)]
    assert all(100 < value < 200 for value in found)
    assert len(set(found)) == 20


def test_the_last_one_s_second_is_the_first(random):
    assert 1.0 < among(random, 7, (1.0, 50.0, 60.0, 2.0)) < 2.0


def test_whole_numbers_stay_whole(random):
    value = among(random, 2, (3, 9))
    assert isinstance(value, int)
    assert 3 < value < 9


def test_numbers_that_belong_together_keep_their_order(random):
    for _ in range(20):
        low, high = among(random, 2, ((80, 900), (900, 6000)))
        assert 80 <= low < high <= 6000


def test_rhythms_of_different_lengths_are_one_s_or_the_other_s(random):
    rhythms = ((0.5,), (0.25, 0.7))
    assert {among(random, 2, rhythms) for _ in range(30)} == set(rhythms)


@dataclass(frozen=True)
class Kind:
    pitch: float
    beats: int
    contour: tuple[tuple[float, float], ...]


def test_every_field_of_a_description_is_blended(random):
    one = Kind(100.0, 2, ((0, 1.0), (1, 2.0)))
    other = Kind(400.0, 8, ((0, 3.0), (1, 4.0)))
    found = among(random, 2, (one, other))
    assert 100 < found.pitch < 400
    assert 2 < found.beats < 8
    assert 1 < found.contour[0][1] < 3
    assert found.contour[1][0] == 1
