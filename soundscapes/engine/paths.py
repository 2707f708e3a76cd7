"""Paths of this installation, for Django and plain Python."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    """Return `SOUNDSCAPES_DATA`, or var/ in the project: database, caches and weights."""
    return Path(os.environ.get("SOUNDSCAPES_DATA") or PROJECT / "var")


def media_dir() -> Path:
    """Return `MEDIA_ROOT`, or media/ in the project: pictures and sounds."""
    return Path(os.environ.get("MEDIA_ROOT") or PROJECT / "media")


def encoder_cache() -> Path:
    return data_dir() / "encoders"


def bank_dir() -> Path:
    return media_dir() / "bank"
