"""Directories of TIFF files, and the photos inside raw ones."""

import struct

import pytest
from PIL import Image, TiffImagePlugin

from soundscapes.engine.photos import reading, tiff_structure
from tests.engine.photo_files import RED, encoded, halves, near, noise, refusal


def dng(preview=b"", *, orientation=1, sensor=(64, 48)):
    """A DNG as cameras write it: a small image, below it a JPEG and what the sensor saw."""
    thumb = bytes(3 * 16 * 12)
    raw = bytes(sensor[0] * sensor[1] * 2)
    small = 8
    full = small + len(thumb)
    jpeg = full + len(raw)
    at = jpeg + len(preview)

    def directory(entries, start):
        body = struct.pack("<H", len(entries))
        for tag, kind, count, value in entries:
            body += struct.pack("<HHII", tag, kind, count, value)
        return body + bytes(4)

    def page(kind, size, bits, compression, photometric, place, length, samples):
        return [
            (254, 4, 1, kind),
            (256, 4, 1, size[0]),
            (257, 4, 1, size[1]),
            (258, 3, 1, bits),
            (259, 3, 1, compression),
            (262, 3, 1, photometric),
            (273, 4, 1, place),
            (277, 3, 1, samples),
            (278, 4, 1, size[1]),
            (279, 4, 1, length),
        ]

    first = page(1, (16, 12), 8, 1, 2, small, len(thumb), 3)
    first += [(274, 3, 1, orientation), (330, 4, 2, 0), (50706, 1, 4, 0x00000401)]
    first.sort()
    sub = page(0, sensor, 16, 1, 32803, full, len(raw), 1)
    other = page(1, (1600, 1200), 8, 7, 6, jpeg, len(preview), 3)
    size = 2 + 12 * len(first) + 4
    pointers = at + size
    places = (pointers + 8, pointers + 8 + 2 + 12 * len(sub) + 4)
    first = [(t, k, c, pointers if t == 330 else v) for t, k, c, v in first]
    data = b"II*\0" + struct.pack("<I", at) + thumb + raw + preview + directory(first, at)
    return data + struct.pack("<II", *places) + directory(sub, 0) + directory(other, 0)


def test_a_raw_photo_is_read_as_its_large_preview():
    photo = reading.read_photo(dng(encoded(halves((1600, 1200)), "JPEG")))
    assert (photo.width, photo.height) == (1600, 1200)
    assert near(photo.image.getpixel((9, 9)), RED)


def test_a_raw_photo_s_preview_is_turned_as_the_raw_photo_says():
    data = dng(encoded(halves((1600, 1200)), "JPEG"), orientation=6)
    photo = reading.read_photo(data, max_side=400)
    assert (photo.width, photo.height, photo.image.size) == (1200, 1600, (300, 400))
    assert near(photo.image.getpixel((9, 9)), RED)


@pytest.mark.parametrize("preview", [b"", encoded(halves((256, 171)), "JPEG")])
def test_a_raw_photo_without_a_large_preview_is_named(preview):
    error = refusal(dng(preview))
    assert (error.status, error.code) == (415, "raw")
    assert "DNG" in str(error)


def test_an_ordinary_tiff_is_no_raw_photo():
    assert not tiff_structure.is_raw(encoded(noise(), "TIFF"))


def test_directories_that_lead_in_a_circle_are_followed_once():
    circle = b"II*\0\x08\0\0\0" + b"\0\0" + struct.pack("<I", 8)
    assert len(list(tiff_structure.Tiff(circle).chain())) == 1


def test_metadata_goes_and_the_pixels_stay():
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270] = "a private description"
    tags[274] = 6
    data = encoded(halves(), "TIFF", tiffinfo=tags, compression="tiff_lzw")
    bare = tiff_structure.Tiff(data).without_metadata()
    with Image.open(__import__("io").BytesIO(bare)) as image:
        assert 270 not in image.tag_v2
    assert reading.read_photo(bare).image.tobytes() == reading.read_photo(data).image.tobytes()
