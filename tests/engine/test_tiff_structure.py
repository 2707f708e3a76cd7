"""Directories of TIFF files, and the photos inside raw ones."""

import struct

import pytest
from PIL import Image, TiffImagePlugin

from soundscapes.engine.photos import reading, tiff_structure
from tests.engine.photo_files import RED, encoded, halves, near, noise, refusal
from tests.engine.raw_files import dng


def test_a_raw_photo_is_read_as_its_large_preview():
    photo = reading.read_photo(dng(encoded(halves((1600, 1200)), "JPEG")))
    assert (photo.width, photo.height) == (1600, 1200)
    assert near(photo.image.getpixel((9, 9)), RED)


def test_a_raw_photo_s_preview_is_turned_as_the_raw_photo_says():
    data = dng(encoded(halves((1600, 1200)), "JPEG"), orientation=6)
    photo = reading.read_photo(data, max_side=400)
    assert (photo.width, photo.height, photo.image.size) == (1200, 1600, (300, 400))
    assert near(photo.image.getpixel((9, 9)), RED)


def test_a_raw_photo_of_an_unknown_orientation_is_not_turned():
    photo = reading.read_photo(dng(encoded(halves((1600, 1200)), "JPEG"), orientation=9))
    assert (photo.width, photo.height) == photo.image.size == (1600, 1200)


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
