"""A finished soundscape in other formats than WAV, made when they are first asked for."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.core.files import File

from soundscapes.engine.sound.audio_files import convert
from soundscapes.models import Generation

MEDIA_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "mp3": "audio/mpeg"}


def stored_name(generation: Generation, name: str) -> str:
    """Where the soundscape lies in a format: beside its WAV, whose bytes are part of the name."""
    stem = Path(str(generation.audio.name)).with_suffix("")
    return f"{stem}-{generation.audio_checksum[:8]}.{name}"


def as_format(generation: Generation, name: str) -> str:
    """The name in the storage of the finished soundscape in one of FORMATS.

    Raises FileNotFoundError where its WAV is gone.
    """
    storage, stored = generation.audio.storage, stored_name(generation, name)
    if storage.exists(stored):
        return stored
    with tempfile.TemporaryDirectory() as folder:
        wav, made = Path(folder) / "sound.wav", Path(folder) / f"sound.{name}"
        with storage.open(str(generation.audio.name)) as source, wav.open("wb") as copy:
            for chunk in source.chunks():
                copy.write(chunk)
        convert(wav, made, name)
        with made.open("rb") as file:
            return storage.save(stored, File(file))
