"""Import and management of clips."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.core.files.base import ContentFile
from django.db.models import QuerySet

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.audio_files import file_checksum, read_clip, seconds_of, write_wav
from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.plots import waveform
from soundscapes.engine.sound.samples import SAMPLE_RATE, Frames, Mono
from soundscapes.files import journal
from soundscapes.files.columns import FileColumn
from soundscapes.models import Category, Clip
from soundscapes.models.categories import clip_path

MIN_SECONDS = 0.2
MAX_SECONDS = 600.0
SILENCE = 10 ** (-60 / 20)  # a peak under -60 dBFS is nothing one would hear in a mix
COLUMNS = 60  # of a waveform

FILES = (
    FileColumn(
        "clips",
        Clip,
        "file",
        key="",  # there are some thousands
        is_own=lambda clip: clip.source != Clip.Source.SYNTHESISED,  # the bank keeps its own
    ),
)


class ClipError(EngineError):
    """A file refused as a clip; the message says why."""


@dataclass(frozen=True, slots=True)
class Recording:
    wav: bytes
    checksum: str
    duration: float
    loudness: float
    peaks: list[int]


def read_recording(data: bytes) -> Recording:
    """Decode an upload and resample it to 44.1 kHz.

    Raises ClipError for undecodable, silent, too short or too long files.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "This file"  # what a refusal calls it
        path.write_bytes(data)
        samples = _decode(path)
        kept = Path(folder) / "clip.wav"
        write_wav(kept, samples)
        mono = samples.mean(axis=1)
        return Recording(
            wav=kept.read_bytes(),
            checksum=file_checksum(kept),
            duration=len(samples) / SAMPLE_RATE,
            loudness=measure_loudness(mono),
            peaks=waveform(mono, COLUMNS),
        )


def _decode(path: Path) -> Frames:
    """Return the samples, scaled down where they exceed full scale. Raises ClipError."""
    try:
        _check_length(seconds_of(path))  # before an hour of it is in memory
        samples = read_clip(path)
    except ClipError:
        raise
    except EngineError as error:
        raise ClipError(str(error)) from error
    _check_length(len(samples) / SAMPLE_RATE)
    peak = float(np.abs(samples).max())
    if peak < SILENCE:
        raise ClipError("This clip is silent. Choose a recording with sound in it.")
    return samples / np.float32(peak) if peak > 1 else samples


def _check_length(seconds: float) -> None:
    if seconds < MIN_SECONDS:
        raise ClipError(f"This clip lasts {seconds:.2f} s; it needs {MIN_SECONDS} s at least.")
    if seconds > MAX_SECONDS:
        raise ClipError(f"This clip lasts {seconds / 60:.1f} minutes; the limit is 10. Cut it.")


def add_clip(clip: Clip, recording: Recording) -> Clip:
    """Store a recording with the credits of `clip`."""
    clip.checksum = recording.checksum
    clip.duration = recording.duration
    clip.loudness = recording.loudness
    clip.peaks = recording.peaks
    clip.source = Clip.Source.UPLOAD
    return store(clip, recording.wav)


def edit_clip(clip: Clip) -> None:
    clip.save()


def store(clip: Clip, wav: bytes) -> Clip:
    """Store the file of a new clip, then its row."""
    with journal.storing(clip_path(clip)):
        clip.file.save("", ContentFile(wav), save=False)
        try:
            clip.save(force_insert=True)
        except Exception:
            clip.file.delete(save=False)
            raise
    return clip


def is_known(recording: Recording) -> bool:
    return Clip.objects.filter(checksum=recording.checksum).exists()


def set_enabled(chosen: QuerySet[Clip], is_enabled: bool) -> list[Clip]:
    """Enable or disable clips; return those changed."""
    changed = list(chosen.exclude(is_enabled=is_enabled))
    Clip.objects.filter(pk__in=[clip.pk for clip in changed]).update(is_enabled=is_enabled)
    return changed


def move(chosen: QuerySet[Clip], target: Category) -> list[Clip]:
    """Move clips to another category; return those moved."""
    moved = list(chosen.exclude(category=target))
    Clip.objects.filter(pk__in=[clip.pk for clip in moved]).update(category=target)
    return moved


def measure(clip: Clip) -> str:
    """Measure length, loudness and waveform again; return the changes in words.

    Raises ClipError where the file is missing or unreadable.
    """
    samples = read_sound(clip)
    found = (len(samples) / SAMPLE_RATE, measure_loudness(samples))
    words = [
        f"{name}: {before:.2f} {unit} before, {after:.2f} {unit} now"
        for name, unit, before, after in (
            ("length", "s", clip.duration, found[0]),
            ("loudness", "LUFS", clip.loudness, found[1]),
        )
        if abs(before - after) >= 0.01
    ]
    Clip.objects.filter(pk=clip.pk).update(
        duration=found[0], loudness=found[1], peaks=waveform(samples, COLUMNS)
    )
    return "; ".join(words) or "as it was"


def read_sound(clip: Clip) -> Mono:
    """Return the audible part of a clip in mono. Raises ClipError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "The file of this clip"
        try:
            with clip.file.open("rb") as file:
                path.write_bytes(file.read())
            samples = read_clip(path).mean(axis=1)
        except FileNotFoundError:
            raise ClipError("Its file is missing on the server.") from None
        except EngineError as error:
            raise ClipError(str(error)) from error
    first = round(clip.start * SAMPLE_RATE)
    if clip.source != Clip.Source.ESC50:
        return np.asarray(samples[first:], dtype=np.float32)
    return np.asarray(samples[first : first + round(clip.duration * SAMPLE_RATE)], dtype=np.float32)


def draw_missing_waveforms(progress: Callable[[int, int], None]) -> int:
    """Add missing waveforms; return how many."""
    missing = list(Clip.objects.filter(peaks=[]))
    drawn = 0
    for number, clip in enumerate(missing, start=1):
        try:
            peaks = waveform(read_sound(clip), COLUMNS)
        except ClipError:
            continue
        drawn += Clip.objects.filter(pk=clip.pk).update(peaks=peaks)
        progress(number, len(missing))
    return drawn
