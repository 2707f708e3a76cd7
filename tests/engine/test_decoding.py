"""No metadata of any kind makes a photo that can be decoded fail."""

import struct
import zlib

import pytest

from soundscapes.engine.photos import reading
from soundscapes.engine.photos.decoding import Demand, TooHeavyError, decode
from tests.engine.photo_files import encoded, halves, noise


def chunk(name, body, check=None):
    check = zlib.crc32(name + body) if check is None else check
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)


def png_with(*chunks):
    data = encoded(halves(), "PNG")
    return data[:33] + b"".join(chunks) + data[33:]


def jpeg_with(*segments):
    data = encoded(halves(), "JPEG")
    written = (
        b"\xff" + bytes((marker,)) + struct.pack(">H", len(body) + 2) + body
        for marker, body in segments
    )
    return data[:2] + b"".join(written) + data[2:]


def tiff_with(tag, kind, count, value):
    """A TIFF whose resolution is replaced by another entry."""
    data = encoded(halves(), "TIFF", dpi=(72, 72))
    at = data.index(struct.pack("<HHI", 282, 5, 1))
    return data[:at] + struct.pack("<HHII", tag, kind, count, value) + data[at + 12 :]


@pytest.mark.parametrize(
    "make",
    [
        lambda: png_with(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3 * 2**20)))),
        lambda: png_with(chunk(b"tEXt", b"Comment\0words", check=7)),
        lambda: png_with(chunk(b"iTXt", b"\xff" * 40)),
        lambda: png_with(chunk(b"pHYs", b"\1")),
        lambda: png_with(chunk(b"gAMA", b"")),
        lambda: png_with(chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(3 * 2**20)))),
        lambda: jpeg_with((0xE0, b"JFIF\0")),
        lambda: jpeg_with((0xE1, b"Exif\0\0II*\0" + b"\xff" * 9)),
        lambda: jpeg_with((0xE2, b"MPF\0II*\0\x08\0\0\0" + b"\xff" * 90)),
        lambda: jpeg_with((0xE2, b"ICC_PROFILE\0\5\1dross")),
        lambda: jpeg_with((0xED, b"Photoshop 3.0\x008BIM\x04\x04\xff\xff\xff\xff")),
        lambda: tiff_with(282, 2, 4, 0),
        lambda: tiff_with(282, 5, 2**30, 8),
        lambda: tiff_with(282, 3, 2, 9),
        lambda: tiff_with(296, 2, 3, 0x61616161),
        lambda: tiff_with(34665, 4, 1, 0xFFFFFF00),
        lambda: tiff_with(700, 7, 2**31, 8),
    ],
)
def test_metadata_of_no_use_does_not_keep_the_pixels_out(make):
    photo = reading.read_photo(make())
    assert (photo.width, photo.height) == (64, 48)


def test_a_broken_image_stays_broken_without_its_metadata():
    data = bytearray(encoded(noise(), "PNG"))
    at = data.index(b"IDAT") + 200
    data[at : at + 500] = bytes(500)
    with pytest.raises(reading.PhotoError) as caught:
        reading.read_photo(bytes(data))
    assert caught.value.code == "damaged"


def test_more_memory_than_allowed_is_found_in_the_header():
    data = encoded(noise(), "PNG")
    with pytest.raises(TooHeavyError):
        decode(data, Demand(None, None, memory=100_000))
    assert decode(data, Demand(None, None, memory=10**6)).width == 200
