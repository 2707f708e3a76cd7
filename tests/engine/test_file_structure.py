"""File structure: foreign formats, pieces, frames, trailers, markup."""

import struct
import time

import pytest

from soundscapes.engine.photos import file_structure, reading
from tests.engine.photo_files import BLUE, encoded, halves, noise, refusal
from tests.hostile import images


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


def test_a_heic_error_asks_for_jpeg():
    error = refusal(b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + b"\0" * 100)
    assert error.status == 415
    assert "JPEG" in str(error)


@pytest.mark.parametrize("image_format", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_rejected_with_its_number_of_frames(image_format):
    frames = [halves(left=(shade, 0, 0)) for shade in range(0, 250, 50)]
    data = encoded(frames[0], image_format, save_all=True, append_images=frames[1:])
    error = refusal(data)
    assert (error.status, error.code) == (400, "animated")
    assert "5 frames" in str(error)


def test_a_multi_page_tiff_is_rejected():
    data = encoded(halves(), "TIFF", save_all=True, append_images=[halves(left=BLUE)])
    assert refusal(data).code == "pages"


def test_a_truncated_jpeg_is_reported_as_truncated():
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
def test_a_jpeg_with_a_web_page_after_it_is_rejected(tail):
    error = refusal(encoded(halves(), "JPEG", progressive=True) + tail)
    assert (error.status, error.code) == (400, "markup")


def test_a_thumbnails_end_marker_is_not_the_images_end():
    thumbnail = encoded(halves((16, 16)), "JPEG")
    data = encoded(halves(), "JPEG")
    segment = b"\xff\xe2" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    assert reading.read_photo(data[:2] + segment + data[2:]).width == 64
    assert refusal(data[:2] + segment + data[2:-40]).code == "truncated"


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


def test_the_end_of_a_jpeg_is_where_its_trailer_begins():
    data = encoded(halves(), "JPEG")
    assert file_structure.jpeg_end(data + b"trailer") == len(data)
    assert file_structure.jpeg_end(data[:-2]) is None


def test_a_baseline_jpeg_has_one_scan_and_a_progressive_one_several():
    assert file_structure.jpeg_scans(encoded(noise(), "JPEG")) == 1
    assert file_structure.jpeg_scans(encoded(noise(), "JPEG", progressive=True)) > 1
