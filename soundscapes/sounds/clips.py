"""Import and management of clips."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet

from soundscapes.engine.errors import EngineError
from soundscapes.engine.recordings.reading import MAX_SECONDS, open_recording
from soundscapes.engine.sound.audio_files import (
    file_checksum,
    read_clip,
    to_integers,
    writing_wav,
)
from soundscapes.engine.sound.blas import single_threaded
from soundscapes.engine.sound.loudness import measure_blocks, measure_loudness
from soundscapes.engine.sound.plots import waveform
from soundscapes.engine.sound.samples import SAMPLE_RATE, Frames
from soundscapes.files import journal
from soundscapes.files.columns import FileColumn
from soundscapes.models import Category, Clip
from soundscapes.models.categories import clip_path
from soundscapes.sounds import offers

MIN_SECONDS = 0.2
SILENCE = 10 ** (-60 / 20)  # -60 dBFS: a lower peak is inaudible in a soundscape
COLUMNS = 60  # of a waveform

FILES = (
    FileColumn(
        "clips",
        Clip,
        "file",
        key="",  # a few thousand
        is_own=lambda clip: clip.source != Clip.Source.SYNTHESISED,  # the bank manages these
    ),
)


class ClipError(EngineError):
    """A file that is rejected as a clip, with the reason."""


@dataclass(frozen=True, slots=True)
class Recording:
    wav: BinaryIO
    checksum: str
    duration: float
    loudness: float
    peaks: list[int]


@single_threaded
def read_recording(file: BinaryIO) -> Recording:
    """Decode an upload and resample it to 44.1 kHz, in constant memory.

    Raise ClipError for undecodable, silent, too short or too long files, and for too many samples.
    """
    with tempfile.TemporaryDirectory() as folder:
        decoded, kept = Path(folder) / "decoded", Path(folder) / "clip.wav"
        channels, peak = _decode(file, decoded)
        columns = partial(_columns, decoded, channels, 1 / max(1.0, peak))
        with writing_wav(kept, channels) as wav:
            for column in columns():
                wav.write(to_integers(column))
        peaks = [np.abs(column).max(initial=0.0) for column in columns()]
        return Recording(
            wav=kept.open("rb"),
            checksum=file_checksum(kept),
            duration=_frames_in(decoded, channels) / SAMPLE_RATE,
            loudness=measure_blocks(columns()),
            peaks=waveform(np.array(peaks), COLUMNS),
        )


def _decode(file: BinaryIO, target: Path) -> tuple[int, float]:
    """Write raw float32 frames. Return their channels and peak. Raise ClipError."""
    peak = 0.0
    try:
        with open_recording(file) as recording, target.open("wb") as raw:
            _check_length(recording.seconds)  # before decoding a long file
            for block in recording.blocks():
                _check_not_over(raw.tell() / (4 * recording.channels * SAMPLE_RATE))
                peak = max(peak, float(np.abs(block).max(initial=0.0)))
                raw.write(np.ascontiguousarray(block).data)
    except ClipError:
        raise
    except EngineError as error:
        raise ClipError(str(error)) from error
    _check_length(_frames_in(target, recording.channels) / SAMPLE_RATE)
    if peak < SILENCE:
        raise ClipError("The clip is silent. Choose another recording.")
    return recording.channels, peak


def _frames_in(raw: Path, channels: int) -> int:
    return raw.stat().st_size // (4 * channels)


def _columns(raw: Path, channels: int, gain: float) -> Iterator[Frames]:
    """Yield the frames of each column of the waveform."""
    places = np.linspace(0, _frames_in(raw, channels), COLUMNS + 1).astype(int)
    with raw.open("rb") as file:
        for count in np.diff(places):
            samples = np.fromfile(file, np.float32, count * channels) * np.float32(gain)
            yield samples.reshape(-1, channels)


def _check_length(seconds: float) -> None:
    if seconds < MIN_SECONDS:
        raise ClipError(f"The clip lasts {seconds:.2f} s. The minimum is {MIN_SECONDS} s.")
    _check_not_over(seconds)


def _check_not_over(seconds: float) -> None:
    if seconds > MAX_SECONDS:
        raise ClipError(f"The clip lasts {seconds / 60:.1f} minutes. The limit is 10. Shorten it.")


def add_clip(clip: Clip, recording: Recording) -> Clip:
    """Store a recording with the credits on `clip`."""
    describe(clip, recording)
    with offers.followed():
        return store(clip, File(recording.wav))


def describe(clip: Clip, recording: Recording) -> None:
    clip.checksum = recording.checksum
    clip.duration = recording.duration
    clip.loudness = recording.loudness
    clip.peaks = recording.peaks
    clip.source = Clip.Source.UPLOAD


def edit_clip(clip: Clip) -> None:
    with offers.followed():
        clip.save()


def store(clip: Clip, wav: File[bytes], check: Callable[[], None] = lambda: None) -> Clip:
    """Store the file of a new clip before its row, unless `check` raises in its transaction."""
    with journal.storing(clip_path(clip)):
        clip.file.save("", wav, save=False)
        try:
            with transaction.atomic():
                check()
                clip.save(force_insert=True)
        except Exception:
            clip.file.delete(save=False)
            raise
    return clip


def is_known(recording: Recording) -> bool:
    return Clip.objects.shared().filter(checksum=recording.checksum).exists()


def set_enabled(chosen: QuerySet[Clip], is_enabled: bool) -> list[Clip]:
    """Enable or disable clips. Return the changed ones."""
    changed = list(chosen.exclude(is_enabled=is_enabled))
    with offers.followed():
        Clip.objects.filter(pk__in=[clip.pk for clip in changed]).update(is_enabled=is_enabled)
    return changed


def move(chosen: QuerySet[Clip], target: Category) -> list[Clip]:
    """Move clips to another category. Return the moved ones."""
    moved = list(chosen.exclude(category=target))
    with offers.followed():
        Clip.objects.filter(pk__in=[clip.pk for clip in moved]).update(category=target)
    return moved


def measure(clip: Clip) -> str:
    """Measure duration, loudness and waveform. Return a description of the changes.

    Raise ClipError if the file is missing or unreadable.
    """
    samples = read_sound(clip)
    found = (len(samples) / SAMPLE_RATE, measure_loudness(samples))
    words = [
        f"{name}: {before:.2f} {unit} before, {after:.2f} {unit} now"
        for name, unit, before, after in (
            ("duration", "s", clip.duration, found[0]),
            ("loudness", "LUFS", clip.loudness, found[1]),
        )
        if abs(before - after) >= 0.01
    ]
    Clip.objects.filter(pk=clip.pk).update(
        duration=found[0], loudness=found[1], peaks=waveform(samples, COLUMNS)
    )
    return "; ".join(words) or "unchanged"


def read_sound(clip: Clip) -> Frames:
    """Return the audible part of a clip. Raises ClipError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "The file of this clip"
        try:
            with clip.file.open("rb") as file:
                path.write_bytes(file.read())
            samples = read_clip(path)
        except FileNotFoundError:
            raise ClipError("The clip's file is missing from the server.") from None
        except EngineError as error:
            raise ClipError(str(error)) from error
    first = round(clip.start * SAMPLE_RATE)
    if clip.source != Clip.Source.ESC50:
        return samples[first:]
    return samples[first : first + round(clip.duration * SAMPLE_RATE)]


def draw_missing_waveforms(progress: Callable[[int, int], None]) -> int:
    """Add missing waveforms. Return the number of added ones."""
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
