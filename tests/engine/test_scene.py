"""Statements about a whole photo, and what they rule out."""

import pytest
from PIL import Image

from soundscapes.engine.matching.scene import NOTHING_SAID, Scene, light


@pytest.mark.parametrize(
    ("colour", "dark", "bright"), [("black", 1, 0), ((10, 10, 40), 1, 0), ("white", 0, 1)]
)
def test_the_light_is_told_by_the_pixels(colour, dark, bright):
    assert light(Image.new("RGB", (300, 200), colour)) == (dark, bright)


def test_a_photo_that_is_half_dark_is_neither():
    photo = Image.new("RGB", (200, 200), "white")
    photo.paste("black", (0, 0, 200, 100))
    assert light(photo) == (0, 0)


@pytest.mark.parametrize(
    ("scene", "category"),
    [
        (Scene(indoors=1.0), "wind"),
        (Scene(snow=1.0), "crickets"),
        (Scene(bright=1.0), "crickets"),
        (Scene(dark=1.0), "chirping_birds"),
    ],
)
def test_what_cannot_be_is_ruled_out(scene, category):
    assert scene.penalty(category) > 0
    assert scene.penalty("footsteps") == 0
    assert NOTHING_SAID.penalty(category) == 0
