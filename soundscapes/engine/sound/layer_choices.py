"""A remix: what somebody wants of each layer instead of what the matching gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

MIN_GAIN_DB = -24.0
MAX_GAIN_DB = 12.0


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """One layer of a remix.

    `place` (from 1) decides its random stream and its level by rank, so that changing one layer
    leaves the others as they were. `gain_db` is added to what the planner would give; `position`
    is where it is heard, or None for where it was found; `clip` is the checksum of the only clip
    to use, or empty for any. A muted layer keeps its place and is not heard.
    """

    place: int
    category: str
    gain_db: float = 0.0
    position: float | None = None
    clip: str = ""
    is_muted: bool = False


def to_json(choices: Iterable[LayerChoice]) -> list[dict[str, Any]]:
    return [asdict(choice) for choice in choices]


def from_json(document: Iterable[dict[str, Any]]) -> list[LayerChoice]:
    return [LayerChoice(**entry) for entry in document]
