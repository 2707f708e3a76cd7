"""Layer choices of a remix."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

MIN_GAIN_DB = -24.0
MAX_GAIN_DB = 12.0


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """One layer of a remix.

    `place` (from 1) selects its random stream and rank level, so that changing one layer leaves the
    others as they are. `gain_db` is added to the planner's. `position` None means the position from
    matching. `clip` is a checksum, or empty for any clip. A muted layer keeps its place.
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
