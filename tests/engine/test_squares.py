"""Squares that CLIP looks at, and the grid of places behind their patches."""

import numpy as np
import pytest
from PIL import Image

from soundscapes.engine.matching.clip.squares import GRID, squares_of
from soundscapes.engine.matching.vectors import unit
from tests.engine.clip_inputs import image

transformers = pytest.importorskip("transformers")

STEP = 1 / 255 / 0.26  # one level of eight bits, normalised


@pytest.mark.parametrize("size", [(224, 224), (500, 333), (333, 500), (100, 90), (460, 230)])
def test_up_to_two_to_one_the_square_is_clip_s(size):
    processor = transformers.CLIPImageProcessorPil(do_normalize=False)
    want = np.asarray(processor(image(size), return_tensors="np")["pixel_values"])
    have = squares_of(size, 224).cut(image(size))
    assert have.dtype == np.uint8
    assert np.array_equal(have.transpose(0, 3, 1, 2), np.round(want * 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("size", "count"), [((201, 100), 3), ((300, 100), 3), ((100, 301), 4), ((2000, 100), 4)]
)
def test_squares_cover_a_panorama_from_end_to_end(size, count):
    squares = squares_of(size, 64)
    starts = squares.lefts if size[0] > size[1] else squares.tops
    assert len(squares.lefts) * len(squares.tops) == len(starts) == count
    assert (starts[0], starts[-1]) == (0, max(squares.size) - 64)
    assert max(np.diff(starts)) <= 64
    assert squares.cut(image(size)).shape == (count, 64, 64, 3)


def test_the_narrowest_accepted_image_has_squares():
    assert squares_of((1, 128), 224).cut(Image.new("RGB", (1, 128))).shape == (4, 224, 224, 3)


def patches_of(squares, values, count=7):
    """Return patches with the vector (value, 1), by a function of the patch's middle, 0 to 1."""
    steps = (np.arange(count) + 0.5) * squares.side / count
    tables = [
        [
            [[values((left + x) / squares.size[0], (top + y) / squares.size[1]), 1] for x in steps]
            for y in steps
        ]
        for top in squares.tops
        for left in squares.lefts
    ]
    return np.array(tables, dtype=np.float32).reshape(len(tables), count * count, 2)


def grid_of(squares, values, count=7):
    places = squares.places(patches_of(squares, values, count))
    assert np.allclose(np.linalg.norm(places, axis=1), 1.0, atol=1e-5)
    return (places[:, 0] / places[:, 1]).reshape(GRID, GRID)


@pytest.mark.parametrize("size", [(200, 200), (600, 200), (200, 500)])
@pytest.mark.parametrize("count", [3, 7, 16])
def test_places_keep_their_order_from_left_to_right_and_top_to_bottom(size, count):
    squares = squares_of(size, 64)
    across = grid_of(squares, lambda x, _y: x, count)
    down = grid_of(squares, lambda _x, y: y, count)
    for table in (across, down.T):
        assert np.allclose(table, table[0], atol=1e-5)
        assert (np.diff(table[0]) >= 0).all()
        assert np.allclose(table[0] + table[0][::-1], 1.0, atol=0.02)
        assert table[0][0] < 0.25


def test_beyond_the_centre_square_the_outermost_patches_go_on():
    across = grid_of(squares_of((400, 200), 70), lambda x, _y: x)
    assert np.allclose(across[0], [0.29, 0.29, 0.42, 0.58, 0.71, 0.71], atol=0.05)


def test_places_are_unit_vectors_of_any_dimension():
    rows = unit(np.random.default_rng(0).normal(size=(1, 49, 12)))
    assert squares_of((90, 70), 224).places(rows).shape == (GRID * GRID, 12)
