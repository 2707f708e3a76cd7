"""File structure: foreign formats, pieces, frames, trailers, markup."""

import contextlib
import io
import struct
import time

import pytest
from PIL import TiffImagePlugin

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import file_structure, jpeg_structure, reading, tiff_structure
from tests.engine.photo_files import BLUE, encoded, halves, noise, refusal
from tests.engine.raw_files import dng
from tests.hostile import images, mutate


@pytest.mark.parametrize(
    "trailer",
    [
        b"\0" * 4096,
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(range(256)) * 40,
        b"\x01\x0a\x0e\x00\x00\x00Image_UTC_Data1669000000000SEFH\x6b\0\0\0SEFT",
    ],
    ids=["zeros", "motion photo", "Samsung"],
)
def test_harmless_trailers_of_phones_are_accepted(trailer):
    assert reading.read_photo(encoded(halves(), "JPEG") + trailer).width == 64


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- by hand -->\n<svg width="9">',
    ],
)
def test_an_svg_error_asks_for_png(data):
    error = refusal(data)
    assert error.status == 415
    assert "PNG" in str(error)


def test_a_broken_heic_says_how_to_take_photos_that_work_everywhere():
    error = refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100)
    assert (error.status, error.code) == (400, "damaged")
    assert "HEIC" in str(error)
    assert "Settings, Camera, Formats, Most Compatible" in str(error)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\x0a\xfa\x7f", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "Films"),
        (b"\0\0\0\x18ftypcrx \0\0\0\0", "Raw photos"),
    ],
)
def test_a_kind_that_cannot_be_read_is_named_with_what_to_do(head, name):
    error = refusal(head + bytes(100))
    assert (error.status, error.code) == (415, "not_accepted")
    assert str(error).startswith(name)
    assert "JPEG and upload that" in str(error)


@pytest.mark.parametrize("image_format", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_rejected_with_its_number_of_frames(image_format):
    frames = [halves(left=(shade, 0, 0)) for shade in range(0, 250, 50)]
    data = encoded(frames[0], image_format, save_all=True, append_images=frames[1:])
    error = refusal(data)
    assert (error.status, error.code) == (400, "animated")
    assert "5 frames" in str(error)


@pytest.mark.parametrize("reduced", [0, 1])
def test_of_a_tiff_with_a_reduced_copy_the_full_page_is_read(reduced):
    pages = [halves(), halves((160, 120), left=BLUE)]
    tags = [TiffImagePlugin.ImageFileDirectory_v2() for _page in pages]
    tags[reduced][254] = 1
    data = with_pages(pages, tags)
    assert reading.read_photo(data).width == pages[1 - reduced].width


def with_pages(pages, tags):
    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer) as writer:
        for page, tag in zip(pages, tags, strict=True):
            page.save(writer, "TIFF", tiffinfo=tag)
            writer.newFrame()
    return buffer.getvalue()


def test_a_tiff_of_several_pages_is_refused():
    data = encoded(halves(), "TIFF", save_all=True, append_images=[halves(left=BLUE)])
    assert refusal(data).code == "pages"


def test_a_truncated_jpeg_is_reported_as_truncated():
    data = encoded(noise(), "JPEG")
    assert refusal(data[: len(data) // 2]).code == "truncated"


@pytest.mark.parametrize("tail", [b"<html><script>alert(1)</script>", b"<?php system($x);"])
def test_bytes_behind_a_jpeg_are_no_danger_as_nothing_but_pixels_is_kept(tail):
    photo = reading.read_photo(encoded(halves(), "JPEG", progressive=True) + tail)
    assert tail not in reading.to_jpeg(photo.image, None)


def test_a_thumbnails_end_marker_is_not_the_images_end():
    thumbnail = encoded(halves((16, 16)), "JPEG")
    data = encoded(halves(), "JPEG")
    segment = b"\xff\xe2" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    assert reading.read_photo(data[:2] + segment + data[2:]).width == 64
    assert refusal(data[:2] + segment + data[2 : len(data) // 2]).code == "truncated"


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
def test_files_that_are_slow_to_parse_are_rejected_at_once(name, code):
    data = images.IMAGE_BOMBS[name]()
    started = time.process_time()
    error = refusal(data)
    assert (error.status, error.code) == (400, code)
    assert time.process_time() - started < 1


BIG = b"II+\0\x08\0\0\0" + b"\xff" * 7 + b"\x80" + bytes(3000)
BASES = images.image_bases() | {"big.tif": BIG, "raw.dng": dng(encoded(halves(), "JPEG"))}


@pytest.mark.parametrize("name", BASES)
def test_the_structure_of_broken_files_is_read_without_an_error(name):
    for seed in range(150):
        data = mutate(mutate(BASES[name], seed), seed + 7)
        file_structure.is_svg(data)
        file_structure.foreign_kind(data)
        with contextlib.suppress(PhotoError):
            file_structure.check_pieces(data)
        jpeg_structure.count_scans(data)
        jpeg_structure.ended(data)
        tiff_structure.full_pages(data)
        tiff_structure.is_raw(data)
        tiff_structure.raw_preview(data)
        if file_structure.has_metadata(data):
            assert isinstance(file_structure.without_metadata(data), bytes)
