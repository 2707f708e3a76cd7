"""Images that are accepted or rejected, and the data that is kept."""

import contextlib
import io
import random

import numpy as np
import png
import pngsuite
import pytest
from PIL import Image

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import reading
from soundscapes.engine.photos.decode_limits import MAX_RATIO, MIN_SIDE
from tests.engine.photo_files import BLUE, RED, encoded, halves, near, noise, refusal


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_accepted_format_gives_its_pixels(image_format):
    photo = reading.read_photo(encoded(halves(), image_format))
    assert (photo.format, photo.width, photo.height) == (image_format, 64, 48)
    assert photo.image.mode == "RGB"
    assert near(photo.image.getpixel((5, 24)), RED)
    assert near(photo.image.getpixel((58, 24)), BLUE)


def test_a_phones_photo_with_a_second_image_is_read():
    data = encoded(halves(), "MPO", save_all=True, append_images=[halves(left=BLUE)])
    photo = reading.read_photo(data)
    assert photo.format == "MPO"
    assert near(photo.image.getpixel((5, 24)), RED)


PNG_SUITE = [name for name in sorted(pngsuite.png) if name.islower()]  # others are not part of it


@pytest.mark.parametrize("name", PNG_SUITE)
def test_png_suite_files_are_read_as_by_another_decoder(name):
    data = pngsuite.png[name]
    width, height, rows, _info = png.Reader(bytes=data).asRGBA8()
    if width < MIN_SIDE:
        assert refusal(data).code == "too_small"
        return
    rgba = np.array([list(row) for row in rows], dtype=float).reshape(height, width, 4)
    share = rgba[..., 3:] / 255
    on_white = rgba[..., :3] * share + 255 * (1 - share)
    ours = np.asarray(reading.read_photo(data).image, dtype=float)
    assert np.abs(ours - on_white).max() <= 1


def test_only_the_pixels_of_a_file_are_kept():
    exif = Image.Exif()
    exif[0x010F] = "Secretive Cameras Ltd"
    exif.get_ifd(0x8825)[1] = "N"
    data = encoded(
        halves(), "JPEG", exif=exif, comment=b"a private comment", icc_profile=b"x" * 200
    )
    image = reading.read_photo(data).image
    assert image.info == {}
    copy = reading.to_jpeg(image, None)
    assert b"Secretive" not in copy
    assert b"private" not in copy
    assert dict(Image.open(io.BytesIO(copy)).getexif()) == {}


def test_an_empty_file_is_rejected():
    assert (refusal(b"").status, refusal(b"").code) == (400, "empty")


@pytest.mark.parametrize("data", [b"hello", b"%PDF-1.7", b"PK\x03\x04" * 20, b"\0" * 100])
def test_a_file_that_is_not_an_image_is_rejected(data):
    assert (refusal(data).status, refusal(data).code) == (415, "not_an_image")


def test_too_large_a_file_is_refused():
    error = refusal(encoded(halves(), "JPEG") + b"\0" * reading.MAX_BYTES)
    assert (error.status, error.code) == (413, "too_large")


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_a_truncated_file_is_rejected(image_format):
    data = encoded(noise(), image_format)
    assert refusal(data[: len(data) // 2]).status == 400


def test_a_tiny_image_is_rejected():
    assert refusal(encoded(halves((15, 200)), "PNG")).code == "too_small"


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((20_000, 100), "too_narrow"),
        ((16, 3000), "too_narrow"),
        ((16, 16 * MAX_RATIO), None),
        ((17 * MAX_RATIO, 17), None),
    ],
)
def test_what_is_accepted_is_stored_with_the_sides_that_later_steps_need(size, code):
    data = encoded(Image.new("RGB", size), "PNG")
    if code:
        assert refusal(data).code == code
        return
    stored = reading.to_jpeg(reading.read_photo(data, max_side=2048).image, 2048)
    assert min(reading.read_photo(stored, least_side=448).image.size) >= MIN_SIDE


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"II+\0\x08\0\0\0" + b"\xff" * 7 + b"\x80",
        lambda: b"MM\0+\0\x08\0\0" + b"\xff" * 8,
        lambda: b"II*\0" + b"\xff" * 4,
        lambda: b"II+\0\x08\0\0\0" + b"\x10" + bytes(7) + b"\xff" * 400,
    ],
)
def test_a_tiff_that_points_far_outside_is_refused(make):
    assert refusal(make()).status in (400, 415)


def test_no_bytes_whatever_raise_anything_but_a_photo_error():
    rng = random.Random(7)
    seeds = [
        encoded(noise((40, 30)), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
    ]
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Maker"
    seeds += [encoded(noise((40, 30)), kind, exif=exif) for kind in ("JPEG", "PNG", "WEBP", "TIFF")]
    seeds.append(encoded(halves(), "MPO", save_all=True, append_images=[halves()]))
    for turn in range(1500):
        data = bytearray(seeds[turn % len(seeds)])
        for _ in range(rng.choice((1, 2, 8, 40))):
            data[rng.randrange(len(data) if rng.random() < 0.5 else min(len(data), 200))] = (
                rng.choice((0, 255, rng.randrange(256)))
            )
        if rng.random() < 0.2:
            del data[rng.randrange(len(data)) :]
        with contextlib.suppress(PhotoError):
            assert reading.read_photo(bytes(data)).image.mode == "RGB"


def test_a_thumbnail_keeps_the_proportions_and_is_never_enlarged():
    for make, image_format in ((reading.to_jpeg, "JPEG"), (reading.to_thumbnail, "WEBP")):
        small = Image.open(io.BytesIO(make(halves((640, 480)), 320)))
        assert (small.format, small.size) == (image_format, (320, 240))
        same = Image.open(io.BytesIO(make(halves((64, 48)), 320)))
        assert same.size == (64, 48)


def test_the_checksum_is_the_files_sha_256():
    assert reading.file_checksum(b"abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_a_large_jpeg_is_decoded_smaller_if_that_suffices():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(halves((1600, 1200)), "JPEG", exif=exif)
    photo = reading.read_photo(data, least_side=448)
    assert photo.image.size == (600, 800)
    assert (photo.width, photo.height) == (1200, 1600)
    assert near(photo.image.getpixel((5, 5)), RED)
    assert reading.read_photo(encoded(halves(), "PNG"), least_side=16).width == 64
    with pytest.raises(PhotoError):
        reading.read_photo(data[: len(data) // 2], least_side=448)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_an_image_is_reduced_while_reading_and_keeps_its_original_size(image_format):
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = reading.read_photo(encoded(halves((900, 600)), image_format, exif=exif), max_side=100)
    assert photo.image.size == (pytest.approx(67, abs=1), 100)
    assert (photo.width, photo.height) == (600, 900)
    assert near(photo.image.getpixel((30, 10)), RED)
    assert near(photo.image.getpixel((30, 90)), BLUE)
