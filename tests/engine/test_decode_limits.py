"""Images rejected by their header: too many pixels, or too much memory to decode them."""

import struct
import time
import zlib

import pytest
from PIL import Image, ImageFile

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import decode_limits, reading
from tests.engine.photo_files import encoded, refusal


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
    ("image_format", "options", "most"),
    [
        ("WEBP", {"method": 0}, 8),
        ("JPEG", {"progressive": True, "subsampling": 0}, 19),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, 33),
    ],
)
def test_formats_that_take_more_memory_have_a_lower_pixel_limit(image_format, options, most):
    side = int((most * 1_100_000) ** 0.5)
    data = encoded(Image.new("RGB", (side, side)), image_format, **options)
    with pytest.raises(PhotoError, match=f"is {most} megapixels") as caught:
        reading.read_photo(data, max_side=2048)
    assert (caught.value.status, caught.value.code) == (413, "too_many_pixels")
    smaller = encoded(Image.new("RGB", (side // 2, side // 2)), image_format, **options)
    assert max(reading.read_photo(smaller, max_side=2048).image.size) <= 2048


def test_the_pixel_limit_is_allowed_and_one_more_row_is_not():
    class Header:
        width, height = size = (5000, decode_limits.MAX_PIXELS // 5000)

    decode_limits.check_size(Header)
    Header.height += 1
    with pytest.raises(PhotoError) as caught:
        decode_limits.check_size(Header)
    assert (caught.value.status, caught.value.code) == (413, "too_many_pixels")
