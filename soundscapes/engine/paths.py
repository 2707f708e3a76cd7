"""Paths of this installation, for Django and plain Python."""

import os
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    """Return `SOUNDSCAPES_DATA`, or var/ in the project; holds database, caches and weights."""
    return Path(os.environ.get("SOUNDSCAPES_DATA") or PROJECT / "var")


def media_dir() -> Path:
    """Return `MEDIA_ROOT`, or media/ in the project; holds images and audio."""
    return Path(os.environ.get("MEDIA_ROOT") or PROJECT / "media")


def encoder_cache() -> Path:
    return data_dir() / "encoders"


def bank_dir() -> Path:
    return media_dir() / "bank"


def keep_private(path: Path) -> None:
    """Remove all other users' access to a file (0600) or folder (0700), if it exists."""
    mode = 0o700 if path.is_dir() else 0o600
    with suppress(FileNotFoundError):
        found = path.stat()
        if found.st_uid == os.geteuid() and found.st_mode & 0o077:
            path.chmod(mode)


def make_private_file(path: Path) -> bool:
    """Create an empty file with mode 0600. Return False if it exists."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        keep_private(path)
        return False
    return True
