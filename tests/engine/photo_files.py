"""Image files, and helpers that check their pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import reading

RED, BLUE = (220, 20, 30), (20, 30, 220)


def halves(size=(64, 48), left=RED, right=BLUE):
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def encoded(image, image_format, **options):
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def refusal(data):
    with pytest.raises(PhotoError) as caught:
        reading.read_photo(data)
    assert str(caught.value).endswith(".")
    return caught.value


def noise(size=(200, 150)):
    values = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(values)


def near(pixel, colour, tolerance=12):
    return all(abs(have - want) <= tolerance for have, want in zip(pixel, colour, strict=True))
