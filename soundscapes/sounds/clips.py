"""Import and management of clips."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet

from soundscapes.engine.errors import EngineError
from soundscapes.engine.recordings.clip_files import COLUMNS, ClipFacts, make_clip
from soundscapes.engine.recordings.clip_process import make_clip_apart
from soundscapes.engine.sound.audio_files import file_checksum, read_clip
from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.plots import waveform
from soundscapes.engine.sound.samples import SAMPLE_RATE, Frames
from soundscapes.files import journal
from soundscapes.files.columns import FileColumn
from soundscapes.models import Category, Clip
from soundscapes.models.categories import clip_path
from soundscapes.sounds import offers

FILES = (
    FileColumn(
        "clips",
        Clip,
        "file",
        key="",  # a few thousand
        is_own=lambda clip: clip.source != Clip.Source.SYNTHESISED,  # the bank manages these
    ),
    FileColumn("bank", Clip, "file", key="", is_own=lambda _clip: False, has_others=True),
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


def read_recording(file: BinaryIO, *, is_apart: bool = False) -> Recording:
    """Make a WAV of what is heard in an upload and measure it, in constant memory.

    In requests, `is_apart`: a child process with limits does it. Raise ClipError for undecodable,
    silent, too short or too long files, and for too many samples.
    """
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "clip.wav"
        try:
            facts = _made_apart(file, kept) if is_apart else make_clip(file, kept)
        except EngineError as error:
            raise ClipError(str(error)) from error
        return Recording(wav=kept.open("rb"), checksum=file_checksum(kept), **asdict(facts))


def _made_apart(file: BinaryIO, kept: Path) -> ClipFacts:
    source = kept.with_name("source")
    file.seek(0)
    with source.open("wb") as copy:
        shutil.copyfileobj(file, copy)
    return make_clip_apart(source, kept)


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
