"""Images rejected by their header: too many pixels, or too much memory to decode them."""

import struct
import time
import zlib

import pytest
from PIL import Image, ImageFile

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import decode_limits, reading
from tests.engine.photo_files import RED, encoded, halves, near, refusal


def test_a_bomb_of_169_megapixels_is_rejected_without_decoding_it(monkeypatch):
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


@pytest.mark.parametrize(
    ("image_format", "options"),
    [
        ("WEBP", {"method": 0}),
        ("JPEG", {"progressive": True, "subsampling": 0}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ],
)
def test_what_takes_much_memory_to_decode_is_read_by_another_process(
    image_format, options, monkeypatch
):
    data = encoded(halves((8192, 6144)), image_format, **options)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _self: pytest.fail("decoded here"))
    photo = reading.read_photo(data, max_side=512)
    assert (photo.width, photo.height) == (8192, 6144)
    assert photo.image.size == (512, 384)
    assert near(photo.image.getpixel((100, 100)), RED)


def test_a_plain_jpeg_may_have_the_pixels_of_any_phone():
    data = encoded(Image.new("RGB", (16_320, 12_240)), "JPEG")
    assert max(reading.read_photo(data, max_side=2048).image.size) == 2048
    progressive = encoded(Image.new("L", (16_320, 12_240)), "JPEG", progressive=True)
    error = refusal(progressive)
    assert (error.status, error.code) == (413, "too_many_pixels")
    assert "The limit is 250 megapixels for non-progressive JPEG and 65 for other images" in str(
        error
    )


def header(width, height):
    return Image.new("1", (width, height))


@pytest.mark.parametrize("rows", [0, 1])
def test_the_limit_of_pixels_is_allowed_and_a_row_more_is_not(rows):
    image = header(5000, decode_limits.MAX_PIXELS // 5000 + rows)
    if not rows:
        decode_limits.check_size(image, scans=1)
        return
    with pytest.raises(PhotoError) as caught:
        decode_limits.check_size(image, scans=1)
    assert (caught.value.status, caught.value.code) == (413, "too_many_pixels")
