"""The views of a photo that encoders use."""

import numpy as np
import pytest
from PIL import Image

from soundscapes.engine.matching.encoder import views

RED, BLUE = (220, 20, 30), (20, 30, 220)


def halves(size):
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def test_the_views_are_the_whole_and_three_squares_from_left_to_right():
    wide = halves((400, 200))
    whole, left, middle, right = views(wide)
    assert whole.size == (400, 200)
    assert left.size == middle.size == right.size == (200, 200)
    assert left.getpixel((150, 100)) == RED
    assert right.getpixel((50, 100)) == BLUE
    assert middle.getpixel((10, 100)) == RED
    assert middle.getpixel((190, 100)) == BLUE


@pytest.mark.parametrize("size", [(100, 400), (100, 100), (16, 4000)])
def test_a_tall_photo_still_has_a_left_and_a_right(size):
    _, left, _, right = views(halves(size))
    assert left.size == right.size
    assert left.width == left.height < size[0]
    assert np.asarray(left)[..., 0].mean() > np.asarray(right)[..., 0].mean()
