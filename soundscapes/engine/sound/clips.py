"""Clips: recorded or synthesised sounds with credits."""

from dataclasses import dataclass
from pathlib import Path

OWN = "own-"
"""Begins the name of a category that has one clip: a user's recording without a category."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip, as the planner and the renderer use it.

    `checksum` is the file's SHA-256 (hex), its key in plans. `source` is "synthesised", "esc50" or
    "upload". The sound starts `start` seconds into the file and lasts `duration` seconds, without
    padding. `collection` names the data set and its licence. `loudness` is the integrated loudness
    in LUFS, which the planner evens out; synthesised clips have the default. `path` is the file and
    `peaks` the waveform (0 to 100), if known. `words` say where it is heard; `fit` is the cosine
    similarity of an image and these, if they were compared, and `weight` how likely the clip is
    chosen, compared with others.
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
    peaks: tuple[int, ...] = ()
    words: str = ""
    fit: float | None = None
    weight: float = 1.0
