"""Clips made from untrusted recordings: cut to what is heard, at 44.1 kHz, and measured."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from soundscapes.engine.errors import EngineError
from soundscapes.engine.recordings.reading import MAX_SECONDS, open_recording
from soundscapes.engine.sound.audio_files import to_integers, writing_wav
from soundscapes.engine.sound.blas import single_threaded
from soundscapes.engine.sound.loudness import measure_blocks
from soundscapes.engine.sound.plots import waveform
from soundscapes.engine.sound.samples import SAMPLE_RATE, Frames

MIN_SECONDS = 0.2
SILENCE = 10 ** (-60 / 20)  # -60 dBFS: a lower peak is inaudible in a soundscape
COLUMNS = 60  # of a waveform

PADDING = 10 ** (-66 / 20)
"""Samples below this level at the start and the end of a recording are padding."""
FAINT = 10 ** (-60 / 20)
"""So are those below this share of its peak: what a microphone hears before and after."""
MEDIAN_FRAMES = 1 << 18  # evenly spaced, from which the median of a recording is estimated
MARGIN = 0.01  # seconds kept on either side for the attack and the decay


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """Seconds, loudness in LUFS and the waveform of a clip."""

    duration: float
    loudness: float
    peaks: list[int]


@dataclass(frozen=True, slots=True)
class _Decoded:
    """Raw float32 frames in a file, their DC, and those of them that are heard."""

    path: Path
    channels: int
    offset: Frames
    peak: float
    first: int
    last: int

    @property
    def seconds(self) -> float:
        return (self.last - self.first) / SAMPLE_RATE

    def columns(self) -> Iterator[Frames]:
        """Yield the frames of each column of the waveform, of which none clips."""
        gain = np.float32(1 / max(1.0, self.peak))
        places = np.linspace(self.first, self.last, COLUMNS + 1).astype(int)
        with self.path.open("rb") as file:
            file.seek(4 * self.channels * self.first)
            for count in np.diff(places):
                samples = np.fromfile(file, np.float32, count * self.channels)
                yield (samples.reshape(-1, self.channels) - self.offset) * gain


@single_threaded
def make_clip(file: BinaryIO, target: Path) -> ClipFacts:
    """Write an untrusted recording as a WAV at 44.1 kHz, in constant memory.

    Silence is cut off at both ends; a pause stays. Raise EngineError for undecodable, silent, too
    short or too long files, and for too many samples.
    """
    with tempfile.TemporaryDirectory() as folder:
        decoded = _decode(file, Path(folder) / "decoded")
        with writing_wav(target, decoded.channels) as wav:
            for column in decoded.columns():
                wav.write(to_integers(column))
        peaks = [np.abs(column).max(initial=0.0) for column in decoded.columns()]
        loudness = measure_blocks(decoded.columns())
        return ClipFacts(decoded.seconds, loudness, waveform(np.array(peaks), COLUMNS))


def _decode(file: BinaryIO, path: Path) -> _Decoded:
    count = 0
    with open_recording(file) as recording, path.open("wb") as raw:
        _check_length(recording.seconds)  # before decoding a long file
        for block in recording.blocks():
            _check_not_over(count / SAMPLE_RATE)
            count += len(block)
            raw.write(np.ascontiguousarray(block).data)
    _check_length(count / SAMPLE_RATE)
    frames = np.memmap(path, np.float32, "r").reshape(-1, recording.channels)
    offset = _offset(frames)
    peak = float(max((frames.max(axis=0) - offset).max(), (offset - frames.min(axis=0)).max()))
    if peak < SILENCE:
        raise EngineError("The clip is silent. Choose another recording.")
    heard = _heard(frames, offset, max(PADDING, FAINT * peak))
    decoded = _Decoded(path, recording.channels, offset, peak, *heard)
    _check_length(decoded.seconds)
    return decoded


def _offset(frames: Frames) -> Frames:
    """Return each channel's DC, which would hide silence, or zero where there is none.

    Clicks move the mean alone and pulses the median, a constant moves both.
    """
    middle = np.median(frames[:: len(frames) // MEDIAN_FRAMES + 1], axis=0)
    mean = frames.mean(axis=0, dtype=np.float64)
    is_constant = (np.abs(middle) >= PADDING) & (np.abs(mean - middle) < np.abs(middle) / 2)
    return np.where(is_constant, middle, 0).astype(np.float32)


def _heard(frames: Frames, offset: Frames, level: float) -> tuple[int, int]:
    """Return the first frame above the level and the one after the last, with a margin."""
    parts = (frames[at : at + SAMPLE_RATE] for at in range(0, len(frames), SAMPLE_RATE))
    audible = [
        (number * SAMPLE_RATE + int(places[0]), number * SAMPLE_RATE + int(places[-1]))
        for number, part in enumerate(parts)
        if len(places := np.flatnonzero((np.abs(part - offset) > level).any(axis=1)))
    ]
    margin = round(MARGIN * SAMPLE_RATE)
    return max(0, audible[0][0] - margin), min(len(frames), audible[-1][1] + 1 + margin)


def _check_length(seconds: float) -> None:
    if seconds < MIN_SECONDS:
        raise EngineError(f"The clip is shorter than {MIN_SECONDS} s, the minimum.")
    _check_not_over(seconds)


def _check_not_over(seconds: float) -> None:
    if seconds > MAX_SECONDS:
        raise EngineError("The clip is longer than 10 minutes, the limit. Shorten it.")
