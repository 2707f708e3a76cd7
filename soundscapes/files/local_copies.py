"""Stored files as local paths, which audio libraries need.

Local storage is read in place. A clip in remote storage is fetched once and cached by checksum,
because workers play it often.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import time
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import default_storage

from soundscapes.engine.sound.audio_files import file_checksum
from soundscapes.engine.sound.mixer import write_for_player
from soundscapes.engine.sound.plan import Plan, Treatment
from soundscapes.files import progress
from soundscapes.models import Clip

KEPT_FOR = 30 * 86_400  # seconds after a clip was last played here


def path_of(name: str) -> Path | None:
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        return None


@contextmanager
def local_copy(name: str) -> Iterator[Path]:
    """Yield the path of the file itself in local storage, otherwise of a temporary copy."""
    if path := path_of(name):
        yield path
        return
    with tempfile.NamedTemporaryFile() as copy:
        with default_storage.open(name, "rb") as file:
            progress.copy(file, copy)
        copy.flush()
        yield Path(copy.name)


def clip_path(clip: Clip) -> Path:
    """Return the path of a clip. Raises FileNotFoundError if remote storage has lost its file."""
    name = str(clip.file.name)
    if path := path_of(name):
        return path
    kept = _clips() / f"{clip.checksum}.wav"
    if not kept.exists():
        _fetch(name, kept)
    os.utime(kept)
    return kept


def clip_files(plan: Plan) -> dict[str, Path]:
    """Return the plan's existing, unchanged files by checksum, even of disabled clips."""
    found = {}
    for row in Clip.objects.filter(checksum__in=[credit.clip for credit in plan.credits]):
        with suppress(FileNotFoundError):
            path = clip_path(row)
            if file_checksum(path) == row.checksum:
                found[row.checksum] = path
    return found


def clip_for_player(clip: Clip, treatment: Treatment, form: str) -> Path:
    """Return a clip as a layer of this treatment plays it, as .ogg or .flac; it is made once.

    Raise FileNotFoundError for a lost file, EngineError for an unreadable one.
    """
    heard = f"{treatment.distance:g}-{treatment.width:g}-{treatment.decorrelator}"
    kept = _clips() / f"{clip.checksum}-{heard}.{form}"
    if not kept.exists():
        with _replacing(kept) as part:
            write_for_player(clip_path(clip), part, treatment)
    os.utime(kept)
    return kept


def forget_unplayed_clips() -> None:
    for path in _clips().glob("*"):
        if path.stat().st_mtime < time() - KEPT_FOR:
            path.unlink(missing_ok=True)


def _clips() -> Path:
    return Path(settings.DATA_DIR) / "clips"


def _fetch(name: str, target: Path) -> None:
    with (
        default_storage.open(name, "rb") as file,
        _replacing(target) as part,
        part.open("wb") as copy,
    ):
        progress.copy(file, copy)


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Yield a path beside `target` that takes its place at the end; others may do so meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{uuid4().hex}{target.suffix}")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
