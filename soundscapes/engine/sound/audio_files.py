"""Sound files of our own.

pydub takes float WAV for integers, so it
only gets 16-bit samples.
"""

from __future__ import annotations

import errno
import hashlib
import os
import struct
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from soundscapes.engine.errors import EngineError
from soundscapes.engine.recordings.downmix import fold_down
from soundscapes.engine.sound.resampling import resample
from soundscapes.engine.sound.samples import SAMPLE_RATE, Frames, Mono

if TYPE_CHECKING:
    from pydub.audio_segment import AudioSegment

FULL_SCALE = 32767
HEADER_BYTES = 44
CONVERTED_FRAMES = 1 << 15
FLAC = ".flac"
FLAC_LEVEL = 0.375  # of 0 to 1: a fifth faster than libsndfile's 0.625, and as small within 0.1 %


def read_audio(path: Path) -> tuple[Frames, int]:
    """Return float32 samples of shape (n, channels), and the sample rate in Hz.

    Raise EngineError for missing, unreadable or unusable files.
    """
    try:
        with soundfile.SoundFile(path) as file:
            rate = file.samplerate
            # Ten times as fast as libsndfile's own conversion of these integers to floats.
            if file.subtype == "PCM_16":
                integers = file.read(dtype="int16", always_2d=True)
                return np.multiply(integers, np.float32(2**-15), dtype=np.float32), rate
            frames = file.read(dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise EngineError(
            f"{path.name} cannot be read as audio. Use WAV, FLAC, OGG or MP3."
        ) from error
    if not np.isfinite(frames).all():
        raise EngineError(f"{path.name} contains invalid samples. Export it again.")
    return np.asarray(frames, dtype=np.float32), rate


def read_clip(path: Path) -> Frames:
    """Return samples at 44.1 kHz, shape (n, 1) or (n, 2).

    Raise EngineError as `read_audio` does.
    """
    frames, rate = read_audio(path)
    return resample(fold_down(frames), rate)


def write_wav(path: Path, samples: Mono | Frames, rate: int = SAMPLE_RATE) -> None:
    """Write samples of shape (n,) or (n, channels) in -1..1 as a 16-bit WAV, atomically."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with writing_wav(path, channels, rate) as file:
        file.write(to_integers(samples))


class WavFile:
    """A 16-bit WAV being written: header, samples, and a final LIST chunk.

    The bytes depend only on the input (Microsoft and IBM, "Multimedia Programming Interface and
    Data Specifications 1.0", 1991).
    """

    def __init__(self, file: BinaryIO, channels: int, rate: int) -> None:
        self._file, self._channels, self._rate = file, channels, rate
        self._written = 0
        file.write(wav_header(0, 0, channels, rate))

    def write(self, frames: NDArray[np.int16]) -> None:
        """Append frames of shape (n,) or (n, channels)."""
        self._written += self._file.write(np.ascontiguousarray(frames, dtype="<i2").data)

    def finish(self, information: Mapping[str, str]) -> None:
        """Finish the samples and write `information`, keyed by four-letter INFO ids."""
        after = information_chunk(information)
        self._file.write(after)
        self._file.seek(0)
        self._file.write(wav_header(self._written, len(after), self._channels, self._rate))


class WavChecksum:
    """SHA-256 of the WAV file of a known number of stereo frames, which need not be written."""

    def __init__(self, frames: int, information: Mapping[str, str]) -> None:
        self._after = information_chunk(information)
        self._digest = hashlib.sha256(wav_header(4 * frames, len(self._after)))

    def write(self, frames: NDArray[np.int16]) -> None:
        """Append frames of shape (n, 2)."""
        self._digest.update(np.ascontiguousarray(frames, dtype="<i2").data)

    def finish(self) -> str:
        """Return the checksum in hexadecimal, once all frames are there."""
        self._digest.update(self._after)
        return self._digest.hexdigest()


def wav_header(data: int, after: int, channels: int = 2, rate: int = SAMPLE_RATE) -> bytes:
    """Return HEADER_BYTES for `data` bytes of 16-bit samples and `after` bytes of other chunks."""
    frame = 2 * channels
    head = b"RIFF" + struct.pack("<I", 36 + data + after) + b"WAVE"
    form = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, channels, rate, rate * frame, frame, 16))
    return head + form + b"data" + struct.pack("<I", data)


def information_chunk(information: Mapping[str, str]) -> bytes:
    """Return the LIST chunk of texts keyed by four-letter INFO ids; empty if there are none."""
    texts = b"".join(
        _chunk(name.encode("ascii"), text.encode() + b"\0") for name, text in information.items()
    )
    return _chunk(b"LIST", b"INFO" + texts) if texts else b""


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


@contextmanager
def writing_wav(
    path: Path,
    channels: int,
    rate: int = SAMPLE_RATE,
    information: Mapping[str, str] | None = None,
) -> Iterator[WavFile]:
    """Write a 16-bit WAV from int16 blocks; the file appears at `path` when complete.

    `information` fills its INFO chunk (INAM title, IART artist, ICOP rights, ICMT comment). Nothing
    is left behind on failure.
    """
    with appearing(path) as temporary, temporary.open("wb") as file:
        wav = WavFile(file, channels, rate)
        yield wav
        wav.finish(information or {})


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Yield a temporary path, whose file appears at `path` at the end and nowhere on failure."""
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def mapped_wav(path: Path) -> NDArray[np.int16]:
    """Memory-map the frames, shape (n, 2), of a stereo file written by `writing_wav`."""
    with soundfile.SoundFile(path) as file:
        shape = (file.frames, file.channels)
    return np.memmap(path, dtype="<i2", mode="r", offset=HEADER_BYTES, shape=shape)


TAGS = {
    "INAM": "title",
    "IART": "artist",
    "ICOP": "copyright",
    "ICMT": "comment",
    "ISFT": "software",
}
"""Names of the tags of other formats by INFO id, in the order of `credits.file_information`."""


class FlacFile:
    """A stereo FLAC of 16 bits being written, while the caller prepares the next block."""

    def __init__(self, path: Path, information: Mapping[str, str]) -> None:
        self._file = soundfile.SoundFile(
            path, "w", SAMPLE_RATE, 2, "PCM_16", format="FLAC", compression_level=FLAC_LEVEL
        )
        for name, text in information.items():
            if text:  # libsndfile refuses an empty one
                setattr(self._file, TAGS[name], text)
        self._encoder = ThreadPoolExecutor(1)
        self._encoding: Future[None] | None = None

    def write(self, frames: NDArray[np.int16]) -> None:
        """Append frames of shape (n, 2). Raises OSError if the previous ones cannot be written."""
        self._wait()
        self._encoding = self._encoder.submit(self._file.write, frames)

    def finish(self) -> None:
        self._wait()
        self._file.close()

    def _wait(self) -> None:
        try:
            if self._encoding is not None:
                self._encoding.result()
        except soundfile.LibsndfileError as error:
            raise OSError(errno.ENOSPC, f"FLAC cannot be written: {error}") from error

    def abandon(self) -> None:
        self._encoder.shutdown()
        self._file.close()


@contextmanager
def writing_flac(path: Path, information: Mapping[str, str]) -> Iterator[FlacFile]:
    """Write a FLAC from int16 blocks of stereo; the file appears at `path` when complete.

    `information` is keyed as in TAGS. Nothing is left behind on failure.
    """
    with appearing(path) as temporary:
        flac = FlacFile(temporary, information)
        try:
            yield flac
            flac.finish()
        finally:
            flac.abandon()


def write_flac(source: Path, target: Path, information: Mapping[str, str]) -> None:
    """Write the samples of a 16-bit stereo WAV file as FLAC, with the `information` as its tags."""
    with soundfile.SoundFile(source) as wav, writing_flac(target, information) as flac:
        for block in _integers(wav):
            flac.write(block)


def write_as_wav(source: Path, target: Path) -> None:
    """Write the samples of a FLAC file of `writing_flac` as 16-bit WAV, in constant memory."""
    with soundfile.SoundFile(source) as flac, writing_wav(target, flac.channels) as wav:
        for block in _integers(flac):
            wav.write(block)


def _integers(file: soundfile.SoundFile) -> Iterator[NDArray[np.int16]]:
    """Yield blocks of shape (n, channels)."""
    for block in file.blocks(CONVERTED_FRAMES, dtype="int16", always_2d=True):
        yield np.asarray(block, dtype=np.int16)


class Samples:
    """The 16-bit samples of a FLAC file of `writing_flac` as bytes, and its information."""

    def __init__(self, file: BinaryIO, software: str) -> None:
        """Read the head of `file`. libsndfile adds its own name to the `software`, so state it."""
        self._decoder = soundfile.SoundFile(file)
        self._frame = 2 * self._decoder.channels
        self.size = self._decoder.frames * self._frame
        texts = {name: str(getattr(self._decoder, tag)) for name, tag in TAGS.items()}
        self.information = texts | {"ISFT": software}

    def read_at(self, at: int, length: int) -> bytes:
        """Return up to `length` bytes of samples from `at`."""
        first, skipped = divmod(at, self._frame)
        if self._decoder.tell() != first:
            self._decoder.seek(first)
        frames = self._decoder.read(-(-(skipped + length) // self._frame), dtype="int16")
        return frames.astype("<i2", copy=False).tobytes()[skipped:][:length]


FORMATS = {"ogg": ("OGG", "VORBIS"), "mp3": ("MP3", "MPEG_LAYER_III")}
"""Lossy download formats, with libsndfile's names for each."""

VORBIS_LEVELS = {1: 0.7, 2: 0.4}
"""By channels: quality 3 for one, about 70 kbit/s, and 6 for two, about 165 kbit/s.

At lower qualities, Vorbis gives both ears the same above 6 kHz, and beds lose their width.
"""


def convert(
    source: Path,
    target: Path,
    name: str,
    title: str,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Convert `source` to `target` in one of FORMATS, with its credits and a title.

    Work in blocks, in constant memory. `progress` receives rising fractions up to 1.
    """
    kind, subtype = FORMATS[name]
    with soundfile.SoundFile(source) as wav, target.open("w+b") as file:
        texts = wav.copy_metadata() | {"title": title}
        if name == "mp3":
            file.write(id3_tag(texts))
            texts = {}
        shape = (wav.samplerate, wav.channels)
        rest: Any = _Rest(file)
        level = VORBIS_LEVELS[wav.channels] if name == "ogg" else None
        with soundfile.SoundFile(
            rest, "w", *shape, subtype, format=kind, compression_level=level
        ) as to:
            for key, text in texts.items():
                setattr(to, key, text)
            # As floats: libsndfile's MP3 encoder makes stereo integers far too loud.
            for block in wav.blocks(CONVERTED_FRAMES, dtype="float32", always_2d=True):
                to.write(block)
                if progress:
                    progress(wav.tell() / wav.frames)


def write_small(target: Path, frames: Frames) -> None:
    """Write samples of shape (n, channels) at 44.1 kHz as Ogg Vorbis or FLAC, by the name."""
    name = target.suffix.removeprefix(".")
    kind, subtype = FORMATS.get(name, ("FLAC", "PCM_16"))
    level = VORBIS_LEVELS[frames.shape[1]] if name == "ogg" else FLAC_LEVEL
    shape = (SAMPLE_RATE, frames.shape[1])
    with soundfile.SoundFile(
        target, "w", *shape, subtype, format=kind, compression_level=level
    ) as file:
        for start in range(0, len(frames), CONVERTED_FRAMES):  # Vorbis fails for long blocks
            file.write(frames[start : start + CONVERTED_FRAMES])


class _Rest:
    """A file after its current position, as a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._start = file, file.tell()
        self.read, self.write = file.read, file.write

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset + (0 if whence else self._start), whence) - self._start

    def tell(self) -> int:
        return self._file.tell() - self._start


ID3_FRAMES = {
    "title": b"TIT2",
    "artist": b"TPE1",
    "copyright": b"TCOP",
    "comment": b"COMM",
    "software": b"TSSE",
}


def id3_tag(texts: Mapping[str, str]) -> bytes:
    """Return an ID3v2.4 tag in UTF-8; libsndfile writes Latin-1 (https://id3.org/id3v2.4.0)."""
    named = ((ID3_FRAMES[key], text) for key, text in texts.items() if key in ID3_FRAMES)
    frames = b"".join(_id3_frame(name, text) for name, text in named)
    return b"ID3\4\0\0" + _seven_bits(len(frames)) + frames


def _id3_frame(name: bytes, text: str) -> bytes:
    language = b"eng\0" if name == b"COMM" else b""
    data = b"\3" + language + text.encode()
    return name + _seven_bits(len(data)) + b"\0\0" + data


def _seven_bits(size: int) -> bytes:
    """Return a size as four bytes of seven bits, which never look like the start of audio."""
    return bytes(size >> shift & 127 for shift in (21, 14, 7, 0))


def to_integers(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Round samples in -1..1 to 16-bit integers, clipping at full scale."""
    levels = np.rint(np.clip(samples, -1, 1) * np.float32(FULL_SCALE))
    return np.asarray(levels, dtype=np.int16)


def to_segment(samples: Mono | Frames) -> AudioSegment:
    """Convert samples of shape (n,) or (n, 2) in -1..1 at 44.1 kHz to 16-bit pydub."""
    starts = range(0, len(samples), CONVERTED_FRAMES)  # an hour at a time would take gigabytes
    blocks = (to_integers(samples[at : at + CONVERTED_FRAMES]) for at in starts)
    return _audio_segment()(
        data=b"".join(block.tobytes() for block in blocks),
        sample_width=2,
        frame_rate=SAMPLE_RATE,
        channels=1 if samples.ndim == 1 else samples.shape[1],
    )


@cache
def _audio_segment() -> type[AudioSegment]:
    """Import pydub's class without its warning about ffmpeg, which is not needed."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Couldn't find ffmpeg", RuntimeWarning, "pydub")
        from pydub.audio_segment import AudioSegment
    return AudioSegment


def file_checksum(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal, which identifies a clip."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
