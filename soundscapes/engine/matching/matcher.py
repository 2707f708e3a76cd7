"""Ranking of categories.

Scores keep each category's bias. Subtracting means over a reference set (starter images, or
ImageNet's labels) gains nothing in benchmarks/tuning.py (top-1 0.876 and 0.887 against 0.887).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from soundscapes.engine.catalogue import Category, Kind
from soundscapes.engine.errors import EngineError
from soundscapes.engine.matching.encoder import PhotoEncoding, PhotoLabel, Vectors
from soundscapes.engine.modes import CALM, MODES

LEADING = 3  # number of matches that become layers
BEST_PROMPTS = 3  # a category's score is the mean over this many of its prompts
CALM_MARGIN = 0.5  # in standard deviations of the photo's scores over the categories
SHOWN_LABELS = 3
SHOWN_SHARE = 0.25  # of the strongest label's contribution

_SQUARES = np.array([-1.0, 0.0, 1.0])  # left, middle, right


@dataclass(frozen=True, slots=True)
class Match:
    """The fit of one category to a photo.

    `score` is a cosine similarity (-1 to 1), not a probability. `rank` starts at 1. `position` goes
    from left (-1) to right (1). `prompt` is the best-fitting one. `labels` are the photo's labels
    that explain it (offline encoder only).
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
    """Rank all `categories` that have prompts, best first.

    `prompt_vectors` maps slugs to unit vectors of shape (k, d) in the order of `Category.prompts`.
    In calm mode, a startling category is among the first three only if it clearly beats the best
    other one. Faithful mode keeps the order of scores. Raise EngineError for another mode.
    """
    if mode not in MODES:
        raise EngineError(f"Unknown mode “{mode}”. Choose {' or '.join(MODES)}.")
    known = [category for category in categories if len(prompt_vectors.get(category.slug, ()))]
    if not known:
        return []
    cosines = [encoding.vectors @ prompt_vectors[category.slug].T for category in known]
    scores = np.array([_pooled(table[0]) for table in cosines])
    spread = max(float(scores.std()), 1e-6)
    found = [
        Match(
            category=category.slug,
            score=float(score),
            rank=0,
            position=_position(_pooled(table[1:]), spread),
            prompt=category.prompts[best := int(table[0].argmax())],
            labels=_bringing(encoding.labels, prompt_vectors[category.slug][best]),
        )
        for category, score, table in zip(known, scores, cosines, strict=True)
    ]
    found.sort(key=lambda match: (-match.score, match.category))
    if mode == CALM:
        startling = {category.slug for category in known if category.kind is Kind.STARTLING}
        found = _calmed(found, startling, CALM_MARGIN * spread)
    return [replace(match, rank=place) for place, match in enumerate(found, start=1)]


def reason(match: Match) -> str:
    words = f"Looks like “{match.prompt}”"
    if match.labels:
        words += f"; seen in the image: {', '.join(match.labels)}"
    return words + "."


def _pooled(cosines: Vectors) -> Vectors:
    """Average the best prompts over the last axis, so that one chance fit has little weight."""
    best = np.sort(cosines, axis=-1)[..., -BEST_PROMPTS:]
    means: Vectors = best.mean(axis=-1)
    return means


def _position(squares: Vectors, spread: float) -> float:
    """Return the squares' centre of gravity, weighted by lead in units of `spread`."""
    weights = np.exp((squares - squares.max()) / spread)
    return float(np.clip(_SQUARES @ weights / weights.sum(), -1.0, 1.0))


def _bringing(labels: Sequence[PhotoLabel], prompt: npt.NDArray[np.float32]) -> tuple[str, ...]:
    """Return the labels that pull the photo towards `prompt`, strongest first.

    Without label vectors, return the most probable labels.
    """
    pulls = [
        (label.probability * (1.0 if label.vector is None else float(label.vector @ prompt)), label)
        for label in labels
    ]
    pulls.sort(key=lambda pull: -pull[0])
    least = max(SHOWN_SHARE * pulls[0][0], 0.0) if pulls else 0.0
    names = dict.fromkeys(label.name for pull, label in pulls if pull > least)
    return tuple(names)[:SHOWN_LABELS]


def _calmed(found: list[Match], startling: set[str], margin: float) -> list[Match]:
    """Move startling matches behind the leading calm ones, unless they clearly win."""
    calm = [match for match in found if match.category not in startling]
    if not calm:
        return found
    bar = calm[0].score + margin
    front = [match for match in found if match.category not in startling or match.score >= bar]
    leading = front[:LEADING]
    return leading + [match for match in found if match not in leading]
