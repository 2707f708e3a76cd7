"""Images of every mode and orientation on a fresh RGB canvas."""

import io

import numpy as np
import png
import pytest
from PIL import Image

from soundscapes.engine.photos import flatten, reading
from tests.engine.photo_files import BLUE, RED, encoded, halves, near, noise


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, RED), (3, BLUE), (6, RED), (8, BLUE), (2, BLUE)]
)
def test_a_photo_is_turned_upright(orientation, corner):
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = reading.read_photo(encoded(halves(), "JPEG", exif=exif, quality=95))
    assert (photo.width, photo.height) == ((48, 64) if orientation in (6, 8) else (64, 48))
    assert near(photo.image.getpixel((4, 4)), corner)


def test_sixteen_bit_grey_keeps_its_brightness():
    values = np.full((32, 32), 128 * 257, dtype=np.uint16)
    photo = reading.read_photo(encoded(Image.fromarray(values), "PNG"))
    assert near(photo.image.getpixel((9, 9)), (128, 128, 128), 1)


def test_a_float_tiff_becomes_an_image():
    values = np.linspace(0.0, 1.0, 32 * 32, dtype=np.float32).reshape(32, 32)
    photo = reading.read_photo(encoded(Image.fromarray(values), "TIFF"))
    assert photo.image.getpixel((0, 0)) == (0, 0, 0)
    assert photo.image.getpixel((31, 31)) == (255, 255, 255)


def test_hidden_colours_of_transparent_pixels_stay_hidden():
    image = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    for data in (encoded(image, "PNG"), encoded(image, "WEBP", lossless=True, exact=True)):
        assert reading.read_photo(data).image.getpixel((9, 9)) == (255, 255, 255)
    palette = Image.new("P", (32, 32), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    data = encoded(palette, "PNG", transparency=1)
    assert reading.read_photo(data).image.getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "LA"])
def test_every_image_mode_is_converted_to_rgb(mode):
    image_format = {"CMYK": "JPEG"}.get(mode, "PNG")
    photo = reading.read_photo(encoded(halves().convert(mode), image_format))
    assert photo.image.mode == "RGB"
    if mode in ("P", "CMYK"):
        assert near(photo.image.getpixel((5, 24)), RED, 60)


@pytest.mark.parametrize(
    ("greyscale", "depth", "hidden", "seen"),
    [
        (True, 1, 0, 1),
        (True, 1, 1, 0),
        (True, 2, 1, 2),
        (True, 4, 5, 10),
        (True, 8, 0x12, 0x34),
        (True, 16, 0x1234, 0x5678),
        (False, 8, 0x12, 0x34),
        (False, 16, 0x1234, 0x5678),
    ],
)
def test_a_transparent_colour_stays_hidden_at_every_depth(greyscale, depth, hidden, seen):
    samples = 1 if greyscale else 3
    row = [hidden] * 16 * samples + [seen] * 16 * samples
    key = hidden if greyscale else (hidden,) * 3
    file = io.BytesIO()
    png.Writer(32, 16, greyscale=greyscale, bitdepth=depth, transparent=key).write(file, [row] * 16)
    image = reading.read_photo(file.getvalue()).image
    assert image.getpixel((4, 8)) == (255, 255, 255)
    assert near(image.getpixel((28, 8)), (round(255 * seen / (2**depth - 1)),) * 3, 1)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA", "1", "I;16", "I", "F", "CMYK"])
@pytest.mark.parametrize("factor", [1, 3])
def test_painting_in_strips_leaves_no_seam(mode, factor, monkeypatch):
    image = noise((97, 61)).convert("L" if mode in ("I;16", "I", "F") else mode)
    if image.mode == "L":
        values = np.asarray(image, dtype=np.float32) * 200
        image = Image.fromarray(
            values.astype({"I;16": "uint16", "I": "int32", "F": "float32"}[mode])
        )
    assert image.mode == mode
    whole = flatten.upright_rgb(image, factor)
    monkeypatch.setattr(flatten, "STRIP_PIXELS", 97 * 7)
    assert np.array_equal(np.asarray(flatten.upright_rgb(image, factor)), np.asarray(whole))
    assert whole.size == (-(-97 // factor), -(-61 // factor))
