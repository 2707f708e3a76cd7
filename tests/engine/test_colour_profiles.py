"""Colours are those that the profile of a file means."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from soundscapes.engine.photos import reading
from tests.engine.photo_files import encoded, halves, near, noise
from tests.engine.profiles import ADOBE, P3

RELATIVE = ImageCms.Intent.RELATIVE_COLORIMETRIC


def as_browsers_show(image, profile):
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    srgb = ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(image, opened, srgb, RELATIVE, outputMode="RGB")


def difference(ours, theirs):
    return np.abs(np.asarray(ours, dtype=int) - np.asarray(theirs, dtype=int))


@pytest.mark.parametrize("profile", [P3, ADOBE], ids=["Display P3", "Adobe RGB"])
@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_a_wide_gamut_is_converted_as_browsers_do(profile, image_format):
    image = noise((64, 48)).resize((256, 192))
    data = encoded(image, image_format, icc_profile=profile)
    decoded = Image.open(io.BytesIO(data)).convert("RGB")
    wanted = as_browsers_show(decoded, profile)
    assert difference(decoded, wanted).max() > 15
    photo = reading.read_photo(data).image
    assert difference(photo, wanted).max() <= 1
    assert "icc_profile" not in photo.info


def test_transparency_stays_with_a_profile():
    image = halves().convert("RGBA")
    image.paste((0, 200, 0, 0), (0, 0, 16, 48))
    photo = reading.read_photo(encoded(image, "PNG", icc_profile=P3)).image
    assert photo.getpixel((4, 4)) == (255, 255, 255)
    (wanted,) = as_browsers_show(Image.new("RGB", (1, 1), (220, 20, 30)), P3).get_flattened_data()
    assert near(photo.getpixel((24, 24)), wanted, 1)


@pytest.mark.parametrize(
    ("profile", "mode"),
    [
        (P3[:200], "RGB"),
        (b"no profile at all" * 9, "RGB"),
        (P3[:128] + b"\xff" * 400, "RGB"),
        (P3, "L"),
        (P3, "CMYK"),
        (ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(), "RGB"),
    ],
    ids=["cut", "none", "hostile", "grey", "CMYK", "lab"],
)
def test_a_profile_that_is_broken_or_of_other_colours_is_ignored(profile, mode):
    image = halves().convert(mode)
    plain = reading.read_photo(encoded(image, "JPEG")).image
    photo = reading.read_photo(encoded(image, "JPEG", icc_profile=profile)).image
    assert photo.tobytes() == plain.tobytes()


@pytest.mark.parametrize("size", [2**20 + 10, 9 * 2**20])
@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_huge_profile_is_ignored(size, image_format):
    huge = P3 + bytes(size)
    plain = reading.read_photo(encoded(halves(), image_format)).image
    if image_format == "PNG":
        body = zlib.compress(huge)
        assert len(zlib.decompress(body)) > 2**20
    data = encoded(halves(), image_format, icc_profile=huge)
    photo = reading.read_photo(data).image
    if size > 8 * 2**20 or image_format == "PNG":
        assert photo.tobytes() == plain.tobytes()
    assert photo.size == plain.size
