"""An image with nothing to see differs from one with little to see."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from soundscapes.engine import scenes
from soundscapes.engine.photos.blankness import is_blank
from tests.engine.photo_files import halves


def with_noise(level, deviation=4, size=(640, 480)):
    values = np.random.default_rng(0).normal(level, deviation, (size[1], size[0], 3))
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("deviation", [0, 6])
def test_one_colour_is_blank_with_and_without_a_camera_s_noise(level, deviation):
    assert is_blank(with_noise(level, deviation))


def test_a_lamp_in_the_dark_is_something():
    dark = with_noise(3)
    ImageDraw.Draw(dark).ellipse((300, 200, 330, 230), fill=(200, 180, 90))
    assert not is_blank(dark)


@pytest.mark.parametrize("image", [halves(), *(scene.load() for scene in scenes.SCENES)])
def test_what_shows_something_is_not_blank(image):
    assert not is_blank(image)


def test_a_long_image_with_something_at_its_end_is_not_blank():
    image = Image.new("RGB", (2048, 16), "white")
    image.paste((0, 90, 0), (1900, 0, 2048, 16))
    assert not is_blank(image)
