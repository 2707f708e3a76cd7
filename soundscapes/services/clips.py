"""Taking recordings in."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.core.files.base import ContentFile

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.audio_files import file_checksum, read_clip, write_wav
from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.samples import SAMPLE_RATE, Frames
from soundscapes.models import Clip

MIN_SECONDS = 0.2
MAX_SECONDS = 600.0
SILENCE = 10 ** (-60 / 20)  # a peak under -60 dBFS is nothing one would hear in a mix


class ClipError(EngineError):
    """A file that is refused as a clip; the message says why."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A decoded upload, as the WAV that is kept."""

    wav: bytes
    checksum: str
    duration: float
    loudness: float


def read_recording(data: bytes) -> Recording:
    """Decode an upload and bring it to 44.1 kHz.

    Raises ClipError when it cannot be decoded, is silent, or is too short or too long.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "This file"  # what a refusal calls it
        path.write_bytes(data)
        samples = _decode(path)
        kept = Path(folder) / "clip.wav"
        write_wav(kept, samples)
        return Recording(
            wav=kept.read_bytes(),
            checksum=file_checksum(kept),
            duration=len(samples) / SAMPLE_RATE,
            loudness=measure_loudness(samples.mean(axis=1)),
        )


def _decode(path: Path) -> Frames:
    try:
        samples = read_clip(path)
    except EngineError as error:
        raise ClipError(str(error)) from error
    seconds = len(samples) / SAMPLE_RATE
    if seconds < MIN_SECONDS:
        raise ClipError(f"This clip lasts {seconds:.2f} s; it needs {MIN_SECONDS} s at least.")
    if seconds > MAX_SECONDS:
        raise ClipError(f"This clip lasts {seconds / 60:.0f} minutes; the limit is 10. Cut it.")
    if np.abs(samples).max() < SILENCE:
        raise ClipError("This clip is silent. Choose a recording with sound in it.")
    return samples


def add_clip(clip: Clip, recording: Recording) -> Clip:
    """Keep an uploaded recording with the credits filled in on `clip`."""
    clip.checksum = recording.checksum
    clip.duration = recording.duration
    clip.loudness = recording.loudness
    clip.source = Clip.Source.UPLOAD
    clip.file.save("", ContentFile(recording.wav), save=False)
    clip.save(force_insert=True)
    return clip


def is_known(recording: Recording) -> bool:
    """Whether the same sound is a clip already."""
    return Clip.objects.filter(checksum=recording.checksum).exists()
