"""Image files, and helpers that check their pixels."""

from __future__ import annotations

import io
import struct

import numpy as np
import pillow_heif
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


def heic(*images, depth=8, **options):
    buffer = io.BytesIO()
    if depth == 8:
        file = pillow_heif.from_pillow(images[0])
        for image in images[1:]:
            file.add_from_pillow(image)
    else:
        deep = np.asarray(images[0]).astype(np.uint16) * 257
        file = pillow_heif.from_bytes("RGB;16", images[0].size, deep.tobytes())
    file.save(buffer, quality=95, **options)
    return buffer.getvalue()


def oriented(value):
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


def exif_with(kind, value):
    """EXIF whose orientation has a type of its own."""
    body = struct.pack("<HHHI", 1, 0x0112, kind, max(1, len(value))) + value.ljust(4, b"\0")
    return b"Exif\0\0II*\0\x08\0\0\0" + body + bytes(4)
