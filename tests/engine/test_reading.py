"""What comes in as a photo, what is refused, and what is kept of it."""

import contextlib
import io
import random
import struct
import time
import zlib

import numpy as np
import png
import pngsuite
import pytest
from PIL import Image, ImageFile

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import flatten, reading
from tests.hostile import pictures

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


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_accepted_format_gives_its_pixels(image_format):
    photo = reading.read_photo(encoded(halves(), image_format))
    assert (photo.format, photo.width, photo.height) == (image_format, 64, 48)
    assert photo.image.mode == "RGB"
    assert near(photo.image.getpixel((5, 24)), RED)
    assert near(photo.image.getpixel((58, 24)), BLUE)


def test_a_phone_s_photo_with_a_second_picture_behind_it_is_read():
    data = encoded(halves(), "MPO", save_all=True, append_images=[halves(left=BLUE)])
    photo = reading.read_photo(data)
    assert photo.format == "MPO"
    assert near(photo.image.getpixel((5, 24)), RED)


@pytest.mark.parametrize(
    "trailer",
    [
        b"\0" * 4096,
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(range(256)) * 40,
        b"\x01\x0a\x0e\x00\x00\x00Image_UTC_Data1669000000000SEFH\x6b\0\0\0SEFT",
    ],
    ids=["zeros", "motion photo", "Samsung"],
)
def test_what_phones_write_behind_a_jpeg_is_let_pass(trailer):
    assert reading.read_photo(encoded(halves(), "JPEG") + trailer).width == 64


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


def test_a_float_tiff_becomes_a_picture():
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
def test_every_mode_of_picture_comes_out_as_rgb(mode):
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
def test_a_png_s_transparent_colour_stays_hidden_at_every_depth(greyscale, depth, hidden, seen):
    samples = 1 if greyscale else 3
    row = [hidden] * 16 * samples + [seen] * 16 * samples
    key = hidden if greyscale else (hidden,) * 3
    file = io.BytesIO()
    png.Writer(32, 16, greyscale=greyscale, bitdepth=depth, transparent=key).write(file, [row] * 16)
    image = reading.read_photo(file.getvalue()).image
    assert image.getpixel((4, 8)) == (255, 255, 255)
    assert near(image.getpixel((28, 8)), (round(255 * seen / (2**depth - 1)),) * 3, 1)


PNG_SUITE = [name for name in sorted(pngsuite.png) if name.islower()]  # the others are not of it


@pytest.mark.parametrize("name", PNG_SUITE)
def test_a_file_of_png_suite_is_read_as_another_decoder_reads_it(name):
    data = pngsuite.png[name]
    width, height, rows, _info = png.Reader(bytes=data).asRGBA8()
    if width < reading.MIN_SIDE:
        assert refusal(data).code == "too_small"
        return
    rgba = np.array([list(row) for row in rows], dtype=float).reshape(height, width, 4)
    share = rgba[..., 3:] / 255
    on_white = rgba[..., :3] * share + 255 * (1 - share)
    ours = np.asarray(reading.read_photo(data).image, dtype=float)
    assert np.abs(ours - on_white).max() <= 1


def test_nothing_of_the_file_but_its_pixels_survives():
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


def test_an_empty_file_is_refused():
    assert (refusal(b"").status, refusal(b"").code) == (400, "empty")


@pytest.mark.parametrize("data", [b"hello", b"%PDF-1.7", b"PK\x03\x04" * 20, b"\0" * 100])
def test_what_is_no_picture_is_refused(data):
    assert (refusal(data).status, refusal(data).code) == (415, "not_an_image")


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- by hand -->\n<svg width="9">',
    ],
)
def test_an_svg_is_told_to_become_a_png(data):
    error = refusal(data)
    assert error.status == 415
    assert "PNG" in str(error)


def test_an_iphone_s_heic_is_told_to_become_a_jpeg():
    error = refusal(b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + b"\0" * 100)
    assert error.status == 415
    assert "JPEG" in str(error)


@pytest.mark.parametrize("image_format", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_refused_with_its_number_of_frames(image_format):
    frames = [halves(left=(shade, 0, 0)) for shade in range(0, 250, 50)]
    data = encoded(frames[0], image_format, save_all=True, append_images=frames[1:])
    error = refusal(data)
    assert (error.status, error.code) == (400, "animated")
    assert "5 frames" in str(error)


def test_a_tiff_of_several_pages_is_refused():
    data = encoded(halves(), "TIFF", save_all=True, append_images=[halves(left=BLUE)])
    assert refusal(data).code == "pages"


def test_over_twenty_megabytes_is_refused():
    error = refusal(encoded(halves(), "JPEG") + b"\0" * reading.MAX_BYTES)
    assert (error.status, error.code) == (413, "too_large")


def test_a_bomb_of_169_megapixels_is_refused_without_decoding_it(monkeypatch):
    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", 13000, 13000, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (1 + 13000 // 8) * 13000, 9)
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    assert len(data) < 30_000
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _self: pytest.fail("decoded"))
    started = time.process_time()
    error = refusal(data)
    assert (error.status, error.code) == (413, "too_many_pixels")
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_a_file_cut_off_in_the_middle_is_refused(image_format):
    data = encoded(noise(), image_format)
    assert refusal(data[: len(data) // 2]).status == 400


def test_a_cut_off_jpeg_is_called_what_it_is():
    data = encoded(noise(), "JPEG")
    assert refusal(data[: len(data) // 2]).code == "truncated"


@pytest.mark.parametrize(
    "tail",
    [
        b"<html><script>alert(1)</script>",
        b"\0\0<ScRiPt >x",
        b"<?php system($x);",
        b"\n<!DOCTYPE html>",
    ],
)
def test_a_jpeg_with_a_web_page_behind_it_is_refused(tail):
    error = refusal(encoded(halves(), "JPEG", progressive=True) + tail)
    assert (error.status, error.code) == (400, "markup")


def test_a_thumbnail_s_end_inside_the_metadata_is_not_taken_for_the_photo_s():
    thumbnail = encoded(halves((16, 16)), "JPEG")
    data = encoded(halves(), "JPEG")
    segment = b"\xff\xe2" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    assert reading.read_photo(data[:2] + segment + data[2:]).width == 64
    assert refusal(data[:2] + segment + data[2:-40]).code == "truncated"


def test_a_picture_too_small_to_show_anything_is_refused():
    assert refusal(encoded(halves((15, 200)), "PNG")).code == "too_small"


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


def test_a_thumbnail_keeps_the_proportions_and_never_grows():
    for make, picture_format in ((reading.to_jpeg, "JPEG"), (reading.to_thumbnail, "WEBP")):
        small = Image.open(io.BytesIO(make(halves((640, 480)), 320)))
        assert (small.format, small.size) == (picture_format, (320, 240))
        same = Image.open(io.BytesIO(make(halves((64, 48)), 320)))
        assert same.size == (64, 48)


def test_the_checksum_is_sha_256_of_the_file():
    assert reading.file_checksum(b"abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_a_big_jpeg_is_read_smaller_where_that_is_enough():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(halves((1600, 1200)), "JPEG", exif=exif)
    photo = reading.read_photo(data, least_side=448)
    assert photo.image.size == (600, 800)
    assert (photo.width, photo.height) == (1200, 1600)
    assert near(photo.image.getpixel((5, 5)), RED)
    assert reading.read_photo(encoded(halves(), "PNG"), least_side=16).width == 64
    with pytest.raises(PhotoError):
        reading.read_photo(data[:-40], least_side=448)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("5 million segments.jpg", "pieces"),
        ("a million chunks.png", "pieces"),
        ("a comment of 9 MB in single bytes.gif", "pieces"),
        ("1.5 million empty frames.gif", "pieces"),
        ("a million strips.tif", "pieces"),
        ("entries of the same MB.tif", "pieces"),
        ("400 scans.jpg", "scans"),
        ("runs of one pixel.bmp", "run_lengths"),
    ],
)
def test_what_is_slow_to_find_one_s_way_through_is_refused_at_once(name, code):
    data = pictures.PICTURE_BOMBS[name]()
    started = time.process_time()
    error = refusal(data)
    assert (error.status, error.code) == (400, code)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("picture_format", "options", "most"),
    [
        ("WEBP", {"method": 0}, 8),
        ("JPEG", {"progressive": True, "subsampling": 0}, 19),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, 33),
    ],
)
def test_what_takes_more_memory_to_decode_may_have_fewer_pixels(picture_format, options, most):
    side = int((most * 1_100_000) ** 0.5)
    data = encoded(Image.new("RGB", (side, side)), picture_format, **options)
    with pytest.raises(PhotoError, match=f"{most} megapixels is the most for such") as caught:
        reading.read_photo(data, max_side=2048)
    assert (caught.value.status, caught.value.code) == (413, "too_many_pixels")
    smaller = encoded(Image.new("RGB", (side // 2, side // 2)), picture_format, **options)
    assert max(reading.read_photo(smaller, max_side=2048).image.size) <= 2048


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_photo_is_made_smaller_in_the_reading_and_says_how_large_it_was(image_format):
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = reading.read_photo(encoded(halves((900, 600)), image_format, exif=exif), max_side=100)
    assert photo.image.size == (pytest.approx(67, abs=1), 100)
    assert (photo.width, photo.height) == (600, 900)
    assert near(photo.image.getpixel((30, 10)), RED)
    assert near(photo.image.getpixel((30, 90)), BLUE)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA", "1", "I;16", "I", "F", "CMYK"])
@pytest.mark.parametrize("factor", [1, 3])
def test_painting_by_strips_leaves_no_seam(mode, factor, monkeypatch):
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
