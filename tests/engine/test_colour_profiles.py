"""Colours are those that the profile of a file means."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from soundscapes.engine.photos import reading
from tests.engine.photo_files import encoded, halves, near, noise

RELATIVE = ImageCms.Intent.RELATIVE_COLORIMETRIC


def matrix_profile(primaries, gamma=2.2):
    """A display's profile of ICC.1:2001 with one gamma; `primaries` are rows of XYZ (D50)."""

    def fixed(value):
        return struct.pack(">i", round(value * 65536))

    white = (0.9642, 1.0, 0.8249)
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {
        b"wtpt": b"XYZ " + bytes(4) + b"".join(map(fixed, white)),
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"wide\0" + bytes(80),
        b"cprt": b"text" + bytes(4) + b"none\0" + bytes(3),
    }
    for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True):
        tags[name] = b"XYZ " + bytes(4) + b"".join(map(fixed, xyz))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + b"".join(map(fixed, white))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


P3 = matrix_profile(
    [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)]
)
ADOBE = matrix_profile(
    [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)]
)


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
