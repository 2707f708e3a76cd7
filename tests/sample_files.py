"""Sample files, good and bad."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import soundfile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from soundscapes.engine.photos.reading import MAX_BYTES
from soundscapes.engine.sound.samples import SAMPLE_RATE

PHOTO_SIZE = (96, 64)


@cache
def photo(number: int = 0) -> bytes:
    """Return a JPEG; another number gives other pixels."""
    pixels = np.random.default_rng(number).integers(0, 255, (4, 6, 3), dtype=np.uint8)
    image = Image.fromarray(pixels).resize(PHOTO_SIZE, Image.Resampling.BICUBIC)
    return encoded(image, "JPEG", quality=90)


def upload(data: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    """Return an uploaded file as a browser sends it."""
    return SimpleUploadedFile(name, data, kind)


def encoded(image: Image.Image, image_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def noise(seconds: float, number: int = 0, level: float = 0.1) -> np.ndarray:
    """Return noise as samples at 44.1 kHz."""
    count = round(seconds * SAMPLE_RATE)
    return np.random.default_rng(number).normal(0, level, count).clip(-1, 1).astype(np.float32)


def sound(samples: np.ndarray, sound_format: str = "WAV", rate: int = SAMPLE_RATE) -> bytes:
    """Encode samples as an audio file."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=sound_format)
    return buffer.getvalue()


@dataclass(frozen=True)
class BadPhoto:
    """A rejected file, its HTTP status, and a word from the message."""

    make: Callable[[], bytes]
    status: int
    word: str
    name: str = "photo.jpg"


@cache
def gif_of_300_frames() -> bytes:
    frames = [Image.new("RGB", (32, 32), (number % 256, number // 2, 0)) for number in range(300)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


@cache
def png_of_169_megapixels() -> bytes:
    side = 13_000
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (1 + side // 8) * side, 9)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


BAD_PHOTOS = {
    "not an image": BadPhoto(lambda: b"Dear all, see you on Monday.\n" * 40, 415, "not an image"),
    "truncated": BadPhoto(lambda: photo()[: len(photo()) // 2], 400, "ends in the middle"),
    "SVG": BadPhoto(
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        415,
        "SVG",
        "drawing.svg",
    ),
    "GIF of 300 frames": BadPhoto(gif_of_300_frames, 400, "300 frames", "moves.gif"),
    "169 megapixels in 20 kB": BadPhoto(png_of_169_megapixels, 413, "megapixels", "big.png"),
    "empty": BadPhoto(lambda: b"", 400, "empty"),
    "65 MB": BadPhoto(lambda: photo() + bytes(MAX_BYTES + 2**20), 413, "64 MB"),
    "JPEG XL": BadPhoto(lambda: b"\xff\x0a" + bytes(100), 415, "JPEG XL", "photo.jxl"),
    "20,000 by 100 pixels": BadPhoto(
        lambda: encoded(Image.new("RGB", (20_000, 100)), "PNG"), 400, "too narrow", "strip.png"
    ),
}
