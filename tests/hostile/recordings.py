"""Invalid recordings, and recordings that declare hours of audio."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import soundfile

from tests import sample_files
from tests.engine.recording_files import by_ffmpeg
from tests.hostile import KILOBYTE, Hostile, mutated, phones, truncated

MUTATIONS = 20  # of each base


@cache
def recording_bases() -> dict[str, bytes]:
    """Return half a second in every supported format and several variants."""
    samples = sample_files.noise(0.5)
    return {
        "16 bits.wav": sample_files.sound(samples),
        "floats.wav": _written(samples, "WAV", "FLOAT"),
        "24 bits.wav": _written(samples, "WAV", "PCM_24"),
        "a-law.wav": _written(samples, "WAV", "ALAW"),
        "adpcm.wav": _written(samples, "WAV", "MS_ADPCM"),
        "stereo.flac": _written(np.stack([samples, -samples], axis=1), "FLAC", "PCM_24"),
        "vorbis.ogg": _written(samples, "OGG", "VORBIS"),
        "opus.ogg": _written(samples, "OGG", "OPUS", 48_000),
        "memo.m4a": by_ffmpeg(samples[:, None], "ipod", "aac"),
        "stream.aac": by_ffmpeg(samples[:, None], "adts", "aac"),
        "browser.webm": by_ffmpeg(samples[:, None], "webm", "libopus", 48_000),
        "layer three.mp3": _written(samples, "MP3", "MPEG_LAYER_III"),
    }


def _written(samples: np.ndarray, kind: str, subtype: str, rate: int = 44_100) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def recordings() -> Iterator[Hostile]:
    yield from mutated(recording_bases(), MUTATIONS)
    for name, data in recording_bases().items():
        yield from truncated(name, data, max(KILOBYTE, len(data) // 8))
    for name, make in SOUND_BOMBS.items():
        is_read = name == "hours by its header.wav"  # libsndfile counts
        yield Hostile(name, make, never=not is_read, kind="bombs")
    yield from phones.recordings()


def wav_that_says(frames: int, rate: int = 44_100, channels: int = 1) -> bytes:
    """Return half a second of audio with a header that declares `frames`."""
    body, width = sample_files.sound(sample_files.noise(0.5))[44:], 2 * channels
    size = min(2**32 - 1, frames * width)
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * width, width, 16)
    return (
        b"RIFF"
        + struct.pack("<I", min(2**32 - 1, size + 36))
        + b"WAVE"
        + b"fmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", size)
        + body
    )


def flac_that_says(frames: int) -> bytes:
    """Return a FLAC with another number of frames in the 36 bits of its STREAMINFO."""
    data = bytearray(recording_bases()["stereo.flac"])
    data[21] = data[21] & 0xF0 | frames >> 32
    data[22:26] = struct.pack(">I", frames & 0xFFFFFFFF)
    return bytes(data)


def flac_of_silence(seconds: int, channels: int = 8) -> bytes:
    return _written(np.zeros((seconds * 44_100, channels), dtype=np.int16), "FLAC", "PCM_16")


SOUND_BOMBS: dict[str, Callable[[], bytes]] = {
    "hours by its header.wav": lambda: wav_that_says(2**31 - 1),
    "a frame a second for an hour.wav": lambda: wav_that_says(22_050, rate=1),
    "two thousand million hertz.wav": lambda: wav_that_says(22_050, rate=2**31 - 1),
    "no rate.wav": lambda: wav_that_says(22_050, rate=0),
    "a thousand channels.wav": lambda: wav_that_says(22, channels=1000),
    "no channel.wav": lambda: wav_that_says(22_050, channels=0),
    "hours by its header.flac": lambda: flac_that_says(2**36 - 1),
    "an hour of silence.flac": lambda: flac_of_silence(3600, 2),
    "a minute of silence in 8 channels.flac": lambda: flac_of_silence(60),
    "silence.wav": lambda: sample_files.sound(np.zeros(22_050, dtype=np.float32)),
    "not numbers.wav": lambda: _written(np.full(22_050, np.nan), "WAV", "FLOAT"),
    "text.wav": lambda: b"Dear all, see you on Monday.",
    "an image.mp3": sample_files.photo,
    "raw.raw": lambda: bytes(4096),
}
