"""Honest photos and recordings of the kinds that phones, cameras and recorders make."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, TiffImagePlugin

from tests.engine.photo_files import encoded, exif_with, halves, heic, oriented
from tests.engine.profiles import ADOBE, P3
from tests.engine.raw_files import dng
from tests.engine.recording_files import (
    by_ffmpeg,
    flac_without_length,
    ogg_flac,
    tone,
    wav_that_says,
    written,
)
from tests.hostile import Hostile

Makers = dict[str, Callable[[], bytes]]


def large(width: int, height: int, image_format: str, **options: object) -> bytes:
    return encoded(halves((width, height)), image_format, **options)


def jpeg(**options: object) -> bytes:
    return encoded(halves((640, 480)), "JPEG", **options)


def tiff_with_copy() -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[254] = 1
    copy = halves((64, 48))
    copy.encoderinfo = {"tiffinfo": tags}
    return encoded(halves((640, 480)), "TIFF", save_all=True, append_images=[copy])


def broken_text(png: bytes) -> bytes:
    """A PNG with a comment whose checksum is wrong, before its pixels."""
    return png[:33] + b"\0\0\0\4tEXtA\0bcdddd" + png[33:]


TRAILER = b"MotionPhoto_Data" + random.Random(1).randbytes(100_000)

PHOTOS: dict[str, Makers] = {
    "HEIC": {
        "plain.heic": lambda: heic(halves((640, 480))),
        "ten bits.heic": lambda: heic(halves((640, 480)), depth=10),
        "turned.heic": lambda: heic(halves((640, 480)), exif=oriented(6)),
        "several.heic": lambda: heic(halves((320, 240)), halves((640, 480)), primary_index=1),
        "12 megapixels.heic": lambda: heic(
            halves((4032, 3024)), enc_params={"preset": "ultrafast"}
        ),
    },
    "AVIF": {
        "plain.avif": lambda: large(640, 480, "AVIF"),
        "50 megapixels.avif": lambda: large(8192, 6144, "AVIF", speed=10),
    },
    "colour profiles": {
        "P3.jpg": lambda: jpeg(icc_profile=P3),
        "Adobe RGB.png": lambda: large(640, 480, "PNG", icc_profile=ADOBE),
        "broken.jpg": lambda: jpeg(icc_profile=P3[:99]),
        "huge.png": lambda: large(640, 480, "PNG", icc_profile=P3 + bytes(2**21)),
    },
    "large": {
        "108 megapixels.jpg": lambda: large(12_000, 9_000, "JPEG"),
        "200 megapixels.jpg": lambda: large(16_320, 12_240, "JPEG"),
        "panorama.jpg": lambda: large(16_382, 3_628, "JPEG"),
        "50 megapixels.tif": lambda: large(8192, 6144, "TIFF", compression="tiff_lzw"),
        "screenshot.png": lambda: large(1170, 16_000, "PNG"),
    },
    "JPEG without an end": {
        "cut.jpg": lambda: jpeg()[:-2],
        "with a film behind.jpg": lambda: jpeg()[:-2] + TRAILER,
        "of 60 MB.jpg": lambda: jpeg()[:-2] + bytes(60 * 2**20),
        "progressive, cut.jpg": lambda: jpeg(progressive=True)[:-2],
    },
    "metadata": {
        f"orientation of type {kind}.jpg": lambda kind=kind: jpeg(exif=exif_with(kind, b"6\0"))
        for kind in (1, 2, 5, 7, 12)
    }
    | {
        "broken, before 60 MB.png": lambda: (
            broken_text(encoded(halves(), "PNG")) + bytes(60 * 2**20)
        )
    },
    "TIFF and raw": {
        "with a reduced copy.tif": tiff_with_copy,
        "with a preview.dng": lambda: dng(encoded(halves((1600, 1200)), "JPEG")),
    },
    "nothing to see": {
        f"{colour}.jpg": lambda colour=colour: encoded(Image.new("RGB", (640, 480), colour), "JPEG")
        for colour in ("black", "white", "grey")
    },
}
"""By kind, photos that are taken in."""

REFUSED: dict[str, Makers] = {
    "too narrow": {
        "strip.png": lambda: encoded(Image.new("RGB", (20_000, 100)), "PNG"),
        "column.png": lambda: encoded(Image.new("RGB", (16, 3000)), "PNG"),
    },
    "unread kinds": {
        "photo.jxl": lambda: b"\xff\x0a" + bytes(200),
        "photo.jp2": lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(200),
        "without a preview.dng": dng,
        "film.mp4": lambda: b"\0\0\0\x18ftypmp42\0\0\0\0" + bytes(200),
    },
}
"""By kind, photos that are refused with words that say what to do."""


def photos() -> Iterator[Hostile]:
    for kind, made in PHOTOS.items():
        for name, make in made.items():
            yield Hostile(name, make, always=True, kind=kind)
    for kind, made in REFUSED.items():
        for name, make in made.items():
            yield Hostile(name, make, never=True, kind=kind)


def opposite() -> bytes:
    left = tone(channels=1)
    return written(np.concatenate([left, -left], axis=1), "WAV")


RECORDINGS: dict[str, Makers] = {
    "length unknown": {
        "stream.flac": lambda: flac_without_length(tone(frequency=441)),
        "no size.wav": lambda: wav_that_says(0, tone(frequency=442)),
        "greatest size.wav": lambda: wav_that_says(0xFFFFFFFF, tone(frequency=443)),
    },
    "channels": {
        "opposite.wav": opposite,
        "surround.wav": lambda: written(tone(channels=6, frequency=444), "WAV"),
        "surround.ogg": lambda: written(tone(channels=6, frequency=445), "OGG"),
    },
    "phones' recordings": {
        "memo.m4a": lambda: by_ffmpeg(tone(frequency=446), "ipod", "aac"),
        "stream.aac": lambda: by_ffmpeg(tone(frequency=447), "adts", "aac"),
        "browser.webm": lambda: by_ffmpeg(
            tone(frequency=448, rate=48_000), "webm", "libopus", 48_000
        ),
        "flac.ogg": lambda: ogg_flac(tone(frequency=449)),
        "behind zeros.mp3": lambda: bytes(5000) + written(tone(frequency=450), "MP3"),
        "ten minutes.m4a": lambda: by_ffmpeg(tone(59.0, frequency=451), "ipod", "aac", times=10),
    },
}


def recordings() -> Iterator[Hostile]:
    for kind, made in RECORDINGS.items():
        for name, make in made.items():
            yield Hostile(name, make, always=True, kind=kind)
