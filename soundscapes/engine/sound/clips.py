"""A clip: one recording or synthesised sound of a category, with its credits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Clip:
    """What planner and renderer need to know of a clip.

    `checksum` is the SHA-256 of the file (hex) and identifies the clip in a plan. `source` is
    "synthesised", "esc50" or "upload". The sound begins `start` seconds into the file and lasts
    `duration` seconds: silence that a data set pads its clips with is left out. `collection` names
    the data set that the clip is taken from, with the licence of that as a whole. `loudness` is the
    integrated loudness of the sound in LUFS, by which the planner brings unlike recordings to one
    level; the synthesised bank is written at the default. `path` is its file, where whoever made
    the clip knows it.
    """

    checksum: str
    category: str
    source: str
    title: str
    author: str
    licence: str
    url: str
    duration: float
    start: float = 0.0
    collection: str = ""
    loudness: float = -23.0
    path: Path | None = None
