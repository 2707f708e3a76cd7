"""Import of ESC-50 with the credits of every recording."""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, models

from soundscapes.engine.errors import EngineError
from soundscapes.engine.esc50 import (
    Problem,
    Release,
    ReleasedClip,
    ReleaseError,
    is_whole_zip,
    open_release,
    words_of,
)
from soundscapes.engine.recordings.clip_files import COLUMNS, MARGIN, PADDING
from soundscapes.engine.sound.audio_files import read_clip
from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.plots import waveform
from soundscapes.engine.sound.samples import SAMPLE_RATE, Frames
from soundscapes.models import Category, Clip
from soundscapes.sounds import offers
from soundscapes.sounds.clips import store

Progress = Callable[[int, int | None], None]

MIN_SECONDS = 0.05


@dataclass(slots=True)
class Report:
    added: int = 0
    known: int = 0
    left_out: int = 0
    problems: list[Problem] = field(default_factory=list)


class _Sound(NamedTuple):
    """The audible part of a file (seconds), its loudness (LUFS), and its waveform."""

    start: float
    duration: float
    loudness: float
    peaks: list[int]


def fetch_release(url: str, progress: Progress) -> Path:
    """Download the ZIP file once into the data folder.

    Raise DownloadError with the reason. The next call resumes the download.
    """
    from soundscapes.engine.download import download  # an HTTP client, which no other use needs

    name = f"esc50-{hashlib.sha256(url.encode()).hexdigest()[:8]}.zip"
    target = Path(settings.DATA_DIR) / "downloads" / name
    if not target.exists():
        download(url, target, is_whole=is_whole_zip, progress=progress)
    return target


def import_release(path: Path, *, esc10_only: bool, progress: Progress) -> Report:
    """Import every missing clip of a release in a folder or ZIP file.

    Lost files are restored, administrators' changes are kept, and broken files are reported.
    `esc10_only` skips clips without permission for commercial use. Raise ReleaseError if `path`
    contains no release.
    """
    with offers.followed(), open_release(path) as release:
        taken = ReleaseImport(release, esc10_only=esc10_only)
        report = Report(left_out=taken.left_out, problems=release.problems)
        progress(0, len(taken))
        for number in range(len(taken)):
            try:
                is_new = taken.take(number)
            except EngineError as error:
                report.problems.append(Problem(taken.name(number), str(error)))
            else:
                report.added += is_new
                report.known += not is_new
            progress(number + 1, len(taken))
    return report


class ReleaseImport:
    """Imports the clips of an open release one by one. Raises ReleaseError without categories."""

    def __init__(self, release: Release, *, esc10_only: bool) -> None:
        self._categories = {category.slug: category for category in Category.objects.all()}
        if not self._categories:
            raise ReleaseError("There are no categories yet. Run `manage.py setup` first.")
        self._release = release
        self._wanted = [clip for clip in release.clips if clip.is_esc10 or not esc10_only]
        self._known = {clip.checksum: clip for clip in Clip.objects.shared()}
        self.left_out = len(release.clips) - len(self._wanted)

    def __len__(self) -> int:
        return len(self._wanted)

    def name(self, number: int) -> str:
        return self._wanted[number].filename

    def take(self, number: int) -> bool:
        """Import a clip. Return whether it is new. Raise EngineError if its file is unusable."""
        released = self._wanted[number]
        category = self._categories.get(released.category)
        if category is None:
            raise ReleaseError(f"there is no category {released.category}")
        data = self._release.read(released)
        checksum = hashlib.sha256(data).hexdigest()
        known = self._known.get(checksum)
        if known is None:
            try:
                self._known[checksum] = _add(released, category, data, checksum)
            except IntegrityError:  # another import stores the same recordings
                return False
            return True
        if not known.file.storage.exists(str(known.file.name)):
            known.file.save("", ContentFile(data))
        return False


def _add(released: ReleasedClip, category: Category, data: bytes, checksum: str) -> Clip:
    clip = Clip(
        category=category,
        checksum=checksum,
        source=Clip.Source.ESC50,
        title=_cut(released.title, "title"),
        words=_cut(words_of(released.title), "words"),
        author=_cut(released.author, "author"),
        licence=_cut(released.licence, "licence"),
        collection=released.collection,
        url=_cut(released.url, "url"),
        **_sound(data)._asdict(),
    )
    return store(clip, ContentFile(data))


def _cut(text: str, name: str) -> str:
    column: models.Field[str, str] = getattr(Clip, name).field
    return text[: column.max_length]


def _sound(data: bytes) -> _Sound:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "The file"  # error messages start with this name
        path.write_bytes(data)
        samples = read_clip(path)
    first, last = _heard(samples)
    if last - first < MIN_SECONDS * SAMPLE_RATE:
        raise ReleaseError("the recording is silent")
    return _Sound(
        start=first / SAMPLE_RATE,
        duration=(last - first) / SAMPLE_RATE,
        loudness=measure_loudness(samples[first:last]),
        peaks=waveform(samples[first:last], COLUMNS),
    )


def _heard(samples: Frames) -> tuple[int, int]:
    """Return the first audible sample and the one after the last, including the margin."""
    audible = np.flatnonzero((np.abs(samples) > PADDING).any(axis=1))
    if not len(audible):
        return 0, 0
    margin = round(MARGIN * SAMPLE_RATE)
    return max(0, int(audible[0]) - margin), min(len(samples), int(audible[-1]) + 1 + margin)
