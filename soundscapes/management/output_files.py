"""Names of the files that commands write."""

from pathlib import Path

from django.core.management.base import CommandError

from soundscapes.engine.sound.audio_files import FLAC

SUFFIXES = (".wav", FLAC)
OUTPUT = "the WAV or FLAC file to write; its credits are written beside it, to a file .txt"


def require_writable(path: Path) -> None:
    """Raise CommandError unless the path can be a file of an existing folder."""
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise CommandError(f"Cannot write {path}: name a file in an existing folder.")


def require_audio(path: Path) -> None:
    """Raise CommandError unless the path can be an audio file in a format that commands write."""
    require_writable(path)
    if path.suffix.lower() not in SUFFIXES:
        raise CommandError(
            f"Cannot write {path}: choose a name that ends in {' or '.join(SUFFIXES)}. The pages "
            "and the API offer soundscapes as MP3 and OGG, too."
        )
