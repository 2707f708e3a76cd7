"""Images of every mode and orientation on a fresh RGB canvas."""

import io
import struct

import numpy as np
import png
import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import flatten, reading
from tests.engine.photo_files import (
    BLUE,
    RED,
    encoded,
    exif_with,
    halves,
    near,
    noise,
    refusal,
)


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, RED), (3, BLUE), (6, RED), (8, BLUE), (2, BLUE)]
)
def test_a_photo_is_turned_upright(orientation, corner):
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = reading.read_photo(encoded(halves(), "JPEG", exif=exif, quality=95))
    assert (photo.width, photo.height) == ((48, 64) if orientation in (6, 8) else (64, 48))
    assert near(photo.image.getpixel((4, 4)), corner)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize(
    "exif",
    [
        exif_with(1, b"\6"),
        exif_with(7, b"\6"),
        exif_with(7, b"\6\0\0\0"),
        exif_with(2, b"6\0"),
        exif_with(2, b"abc\0"),
        exif_with(3, b"\6\0\6\0"),
        exif_with(3, b"\x09\0"),
        exif_with(5, b"\xff\xff\0\0"),
        exif_with(12, b"\xff\xff\xff\x7f"),
        exif_with(99, b"\6"),
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0nothing of the kind",
    ],
)
def test_an_orientation_that_is_not_from_1_to_8_is_ignored(image_format, exif):
    if image_format == "TIFF":
        data = with_orientation(exif)
    else:
        sound = exif_with(3, b"\1\0")  # Pillow writes no broken ones into all formats
        data = encoded(halves(), image_format, exif=sound)
        data = data.replace(sound[6:], exif[6:].ljust(len(sound) - 6, b"\0"))
    photo = reading.read_photo(data)
    assert (photo.width, photo.height) == (64, 48)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_the_orientation_of_xmp_is_ignored_as_browsers_do(image_format):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    if image_format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", xmp.decode())
        data = encoded(halves(), "PNG", pnginfo=text)
    else:
        data = encoded(halves(), image_format, xmp=xmp)
    photo = reading.read_photo(data)
    assert (photo.width, photo.height) == (64, 48)


def test_sixteen_bit_grey_whose_zero_is_white_is_not_shown_as_a_negative():
    data = encoded(Image.new("I;16", (64, 48), 200 * 257), "TIFF")
    entry = struct.pack("<HHI", 262, 3, 1)
    assert data.count(entry + b"\1\0") == 1
    photo = reading.read_photo(data.replace(entry + b"\1\0", entry + b"\0\0"))
    assert near(photo.image.getpixel((4, 4)), (55, 55, 55), 1)


def test_uncompressed_planes_of_16_bits_are_refused_and_not_shown_as_stripes():
    assert "interleaved" in str(refusal(tiff_of_planes(bits=16)))
    assert near(reading.read_photo(tiff_of_planes(bits=8)).image.getpixel((4, 4)), RED)


def tiff_of_planes(bits):
    width, height, values = 64, 48, struct.pack("<3H", bits, bits, bits)
    size = width * height * bits // 8
    planes = b"".join(bytes([level]) * size for level in RED)
    first = 8 + len(values) + 24
    starts = struct.pack("<3I", first, first + size, first + 2 * size)
    entries = [(256, 3, 1, width), (257, 3, 1, height), (258, 3, 3, 8), (259, 3, 1, 1)]
    entries += [(262, 3, 1, 2), (273, 4, 3, 14), (277, 3, 1, 3), (278, 3, 1, height)]
    entries += [(279, 4, 3, 26), (284, 3, 1, 2)]
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    directory = struct.pack("<H", len(entries)) + table + bytes(4)
    head = b"II*\0" + struct.pack("<I", first + len(planes))
    return head + values + starts + struct.pack("<3I", size, size, size) + planes + directory


def with_orientation(exif):
    """A TIFF whose orientation has the type and the value of an EXIF's."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[0x0112] = 1
    data = encoded(halves(), "TIFF", tiffinfo=tags)
    at = data.index(struct.pack("<HHI", 0x0112, 3, 1))
    return data[:at] + exif[16:28].ljust(12, b"\xff") + data[at + 12 :]


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


def test_premultiplied_grey_is_painted():
    grey = Image.new("LA", (20, 16), (80, 255)).convert("La")
    assert flatten.upright_rgb(grey).getpixel((3, 3)) == (80, 80, 80)


@pytest.mark.parametrize("size", [(0, 0), (0, 9), (9, 0)])
def test_an_image_without_pixels_is_refused(size):
    with pytest.raises(PhotoError, match="no pixels"):
        flatten.upright_rgb(Image.new("RGB", size))
