"""Place of the evidence for a sound."""

import numpy as np
import pytest

from soundscapes.engine.matching.evidence import evidence, levels, peak


def at(row, column, shape=(6, 6)):
    scores = np.zeros(shape, dtype=np.float32)
    scores[row, column] = 10.0
    return evidence(scores.ravel(), 1.0, shape)


@pytest.mark.parametrize(
    ("place", "x", "y"), [((0, 0), -1, -1), ((0, 5), 1, -1), ((5, 0), -1, 1), ((5, 5), 1, 1)]
)
def test_corners_are_corners(place, x, y):
    found = at(*place)
    assert (found.x, found.y) == (pytest.approx(x, abs=0.01), pytest.approx(y, abs=0.01))
    assert found.extent == pytest.approx(1 / 36, rel=0.01)


def test_what_is_everywhere_is_in_the_middle_and_fills_the_image():
    found = evidence(np.ones(36, dtype=np.float32), 0.1, (6, 6))
    assert (found.x, found.y) == (pytest.approx(0), pytest.approx(0))
    assert found.extent == pytest.approx(1)
    assert levels(found.grid) == [[1.0] * 6] * 6


@pytest.mark.parametrize("side", range(1, 13))
def test_rounding_does_not_carry_the_evidence_beyond_the_image(side):
    found = evidence(np.ones(side**2, dtype=np.float32), 0.1, (side, side))
    assert 0 < found.extent <= 1


def test_a_single_row_has_no_height():
    found = at(0, 2, (1, 3))
    assert (found.y, found.x) == (0.0, pytest.approx(1, abs=0.01))
    assert found.grid == "00f"


def test_the_grid_has_a_row_of_digits_for_each_row_of_places():
    grid = at(2, 4).grid
    assert [len(row) for row in grid.split("/")] == [6] * 6
    assert levels(grid)[2][4] == 1.0
    assert sum(map(sum, levels(grid))) == 1.0


def test_an_unknown_grid_is_empty():
    assert levels("") == []


def test_the_peak_lies_on_evidence_even_between_two_places_of_it():
    assert peak("000000/f0000e/000000") == (pytest.approx(0.5 / 6), 0.5)
    assert peak("00f") == (pytest.approx(2.5 / 3), 0.5)
    assert peak("0ff0") == (pytest.approx(0.5), 0.5)
    assert peak("") is None
