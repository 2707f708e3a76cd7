"""Untrusted recordings, opened and decoded by blocks in constant memory.

libsndfile reads most of them; what it does not know, or cannot tell the length of, is decoded by
FFmpeg in another process first.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile

from soundscapes.engine.errors import EngineError
from soundscapes.engine.recordings import kinds
from soundscapes.engine.recordings.downmix import Order, fold_down
from soundscapes.engine.recordings.transcoder_process import Limits, transcode
from soundscapes.engine.sound.resampling import resample_blocks
from soundscapes.engine.sound.samples import Frames

ACCEPTED = "WAV, FLAC, OGG, MP3, M4A, AAC, AIFF, CAF, AMR, WebM or WMA"
DECODED_SAMPLES = 1 << 18  # of all channels together, at a time
MAX_SECONDS = 600.0
MAX_SAMPLES = 600 * 192_000 * 2
"""What an untrusted recording may have, over all channels: ten minutes of stereo at 192 kHz."""

LOUDEST = 1e30
"""A sum of louder samples may be infinite, and what is no number is not below it either."""

LEAST_PART = 0.9  # of the frames that the header says
CUT_OFF = "The file is damaged or incomplete: it is too short. Upload it again."

UNKNOWN_FRAMES = 2**62
"""libsndfile reports more for headers without a length."""


class Recording:
    """A recording that is decoded by blocks; `seconds` is the length in its header."""

    def __init__(self, file: soundfile.SoundFile, seconds: float, order: Order) -> None:
        self._file = file
        self._order: Order = order
        self.seconds = seconds

    @property
    def channels(self) -> int:
        """The channels of `blocks`: 1 or 2."""
        return min(2, int(self._file.channels))

    def blocks(self) -> Iterator[Frames]:
        """Yield float32 frames at 44.1 kHz, of at most two channels, in constant memory.

        Raises EngineError for damaged files and, before decoding, for too many samples.
        """
        if self._file.frames * self._file.channels > MAX_SAMPLES:
            raise EngineError(
                f"This file has {self._file.channels} channels at {self._file.samplerate:,} Hz, "
                "more samples than are read here. Export it as stereo at 48 kHz."
            )
        return resample_blocks(self._decoded(), self._file.samplerate)

    def _decoded(self) -> Iterator[Frames]:
        count, read = max(1, DECODED_SAMPLES // self._file.channels), 0
        try:
            # SoundFile.blocks() repeats its last block where a file ends before its header says.
            while len(block := self._file.read(count, dtype="float32", always_2d=True)):
                read += len(block)
                if not (np.abs(block) < LOUDEST).all():
                    raise EngineError("The file contains invalid samples. Export it again.")
                yield fold_down(np.asarray(block, dtype=np.float32), self._order)
        except (OSError, soundfile.LibsndfileError) as error:
            raise EngineError(CUT_OFF) from error
        if read < LEAST_PART * self._file.frames:
            raise EngineError(CUT_OFF)


@contextmanager
def open_recording(file: BinaryIO) -> Iterator[Recording]:
    """Open an untrusted file. Raises EngineError if it is unreadable."""
    file.seek(0)
    head = file.read(kinds.HEAD)
    file.seek(0)
    kind = kinds.kind_of(head)
    opened = _opened(file, head)
    if opened is not None:
        with opened:
            yield Recording(opened, opened.frames / opened.samplerate, _order(opened))
    elif kind is None:
        raise EngineError(f"The file cannot be read as audio. Use {ACCEPTED}.")
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield from _transcoded(kind, file, Path(folder))


def _opened(file: BinaryIO, head: bytes) -> soundfile.SoundFile | None:
    """Open the file with libsndfile; return None if it cannot read it to the end."""
    try:
        opened = soundfile.SoundFile(file)
    except (OSError, soundfile.LibsndfileError):
        return None
    is_guess = opened.format == "MP3" and not kinds.says_length_of_mp3(head)
    is_known = 0 < opened.frames < UNKNOWN_FRAMES and not is_guess
    if is_known and opened.seekable():  # GSM and G.721 are not, and are read only as a whole
        return opened
    opened.close()
    return None


def _order(opened: soundfile.SoundFile) -> Order:
    return "Vorbis" if opened.format == "OGG" else "WAV"


def _transcoded(kind: str, file: BinaryIO, folder: Path) -> Iterator[Recording]:
    source, target = folder / "source", folder / "decoded.wav"
    file.seek(0)
    with source.open("wb") as copy:
        shutil.copyfileobj(file, copy)
    seconds = transcode(kind, source, target, Limits(MAX_SECONDS, MAX_SAMPLES))
    source.unlink()
    with soundfile.SoundFile(target) as opened:
        yield Recording(opened, seconds, "WAV")
