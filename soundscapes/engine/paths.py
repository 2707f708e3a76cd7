"""Where this installation keeps what it makes: one answer for Django and for plain Python."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    """Database, caches and weights: `SOUNDSCAPES_DATA`, or var/ in the project."""
    return Path(os.environ.get("SOUNDSCAPES_DATA") or PROJECT / "var")


def media_dir() -> Path:
    """Pictures and sounds: `MEDIA_ROOT`, or media/ in the project."""
    return Path(os.environ.get("MEDIA_ROOT") or PROJECT / "media")


def encoder_cache() -> Path:
    """CLIP's weights, and the vectors that encoders compute once."""
    return data_dir() / "encoders"


def bank_dir() -> Path:
    """The synthesised bank."""
    return media_dir() / "bank"
