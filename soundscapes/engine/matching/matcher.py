"""From vectors to a ranking of categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from soundscapes.engine.catalogue import Category, Kind
from soundscapes.engine.errors import EngineError
from soundscapes.engine.matching.encoder import PhotoEncoding, Vectors

CALM, FAITHFUL = "calm", "faithful"
LEADING = 3  # the layers of a soundscape are made from this many
CALM_MARGIN = 0.03
WHOLE_WEIGHT = 0.7
POSITION_SHARPNESS = 12.0
_SQUARES = np.array([-1.0, 0.0, 1.0])


@dataclass(frozen=True, slots=True)
class Match:
    """How well one category fits a photo.

    `score` is a cosine similarity (-1 to 1), not a probability. `rank` starts at 1. `position` is
    where in the picture it was found, from left (-1) to right (1). `prompt` is the description
    that fitted best, `labels` the photo's own words that brought it (offline encoder only).
    """

    category: str
    score: float
    rank: int
    position: float
    prompt: str
    labels: tuple[str, ...] = ()


def rank(
    encoding: PhotoEncoding,
    categories: Sequence[Category],
    prompt_vectors: Mapping[str, Vectors],
    *,
    mode: str = CALM,
) -> list[Match]:
    """All `categories` that have prompts, the best fitting one first.

    `prompt_vectors` maps a category's slug to the unit vectors of its prompts, shape (k, d), in
    the order of `Category.prompts`. In the calm mode a startling category stands behind the
    leading ones unless it beats the best other one by CALM_MARGIN; in the faithful mode every
    category stands where its score puts it. Raises EngineError for another mode.
    """
    if mode not in (CALM, FAITHFUL):
        raise EngineError(f"There is no mode “{mode}”. Choose {CALM} or {FAITHFUL}.")
    found = [
        _match(encoding, category, prompt_vectors[category.slug])
        for category in categories
        if len(prompt_vectors.get(category.slug, ())) > 0
    ]
    found.sort(key=lambda match: (-match.score, match.category))
    if mode == CALM:
        found = _calmed(found, {c.slug for c in categories if c.kind is Kind.STARTLING})
    return [replace(match, rank=place) for place, match in enumerate(found, start=1)]


def reason(match: Match) -> str:
    """Why a category was found, as a plain sentence for people."""
    words = f"Looks like “{match.prompt}”"
    if match.labels:
        words += f"; seen in the picture: {', '.join(match.labels)}"
    return words + "."


def _match(encoding: PhotoEncoding, category: Category, prompts: Vectors) -> Match:
    cosines = encoding.vectors @ prompts.T  # (views, prompts)
    pooled = WHOLE_WEIGHT * cosines[0] + (1.0 - WHOLE_WEIGHT) * cosines[1:].mean(axis=0)
    best = int(pooled.argmax())
    return Match(
        category=category.slug,
        score=float(pooled[best]),
        rank=0,
        position=_position(cosines[1:].max(axis=1)),
        prompt=category.prompts[best],
        labels=tuple(label.name for label in encoding.labels[:2]),
    )


def _position(squares: npt.NDArray[np.floating]) -> float:
    """The centre of gravity of the squares, each weighing as it scores above the others."""
    weights = np.exp(POSITION_SHARPNESS * (squares - squares.max()))
    return float(np.clip(_SQUARES @ weights / weights.sum(), -1.0, 1.0))


def _calmed(found: list[Match], startling: set[str]) -> list[Match]:
    """Startling matches moved behind the leading calm ones, unless they clearly win."""
    calm = [match for match in found if match.category not in startling]
    if not calm:
        return found
    bar = calm[0].score + CALM_MARGIN
    front = [m for m in found if m.category not in startling or m.score >= bar]
    held_back = [m for m in found if m.category in startling and m.score < bar]
    lead, rest = front[:LEADING], front[LEADING:] + held_back
    return lead + sorted(rest, key=lambda match: (-match.score, match.category))
