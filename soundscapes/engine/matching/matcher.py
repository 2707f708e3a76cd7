"""Ranking of categories, by meaning and by knowledge.

By meaning: the cosine similarity of photo and prompts. By knowledge: what is heard where the
photo's labels are seen (offline encoder only). Both are experts whose opinions multiply: a score is
the cosine plus `KNOWLEDGE` times the logarithm of the expected weight, counted in spreads of the
photo's cosines, so that a word that merely sounds alike names nothing. Scenes rule sounds out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soundscapes.engine.catalogue import Category, Kind
from soundscapes.engine.errors import EngineError
from soundscapes.engine.matching.confidence import confidence
from soundscapes.engine.matching.encoder import PhotoEncoding, PhotoLabel, Support
from soundscapes.engine.matching.evidence import Evidence, evidence
from soundscapes.engine.matching.scene import RULED_OUT
from soundscapes.engine.matching.vectors import Vectors
from soundscapes.engine.modes import CALM, MODES
from soundscapes.engine.sound.blas import single_threaded

LEADING = 3  # number of matches that become layers
BEST_PROMPTS = 3  # a category's score is the mean over this many of its prompts
CALM_MARGIN = 0.2  # in standard deviations of the photo's scores over the categories
KNOWLEDGE = 2.5  # opinions of knowledge for one of meaning
LEAST_EXPECTED = 0.01  # of a category that no label names: a doubt, not a veto
FITTING = 0.45  # cosine from which on a prompt is quoted, by an encoder that has labels
SHOWN_LABELS = 3
SHOWN_SHARE = 0.25  # of the strongest label's contribution

_RELATED, _SAME = 0.2, 0.7  # cosines of a label and a prompt; ImageNet's own labels have 0.6 to 0.9


@dataclass(frozen=True, slots=True)
class Match:
    """The fit of one category to a photo.

    `score` is a cosine similarity, raised or lowered by knowledge (-1 to 1), not a probability;
    `confidence` is one (0 to 1), None where it is not known. `rank` starts at 1. `position` runs
    from left (-1) to right (1), `y` from top (-1) to bottom (1); `extent` is a share of the photo
    and `evidence` its map (`evidence.Evidence`). `prompt` fits; `labels` are the photo's labels
    behind it (offline encoder only). Either may be empty.
    """

    category: str
    score: float
    rank: int
    position: float
    prompt: str
    labels: tuple[str, ...] = ()
    confidence: float | None = None
    y: float = 0.0
    extent: float = 1.0
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class _Scores:
    """Of the whole photo, then its places: shape (1 + places, categories)."""

    scores: Vectors
    expected: Vectors | None
    mean: float
    spread: float

    def confidence(self, at: int) -> float | None:
        if self.expected is None:
            return None
        lead = (float(self.scores[0, at]) - self.mean) / self.spread
        return confidence(lead, float(self.expected[0, at]))


@single_threaded
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
    found = list(_matches(encoding, known, prompt_vectors))
    found.sort(key=lambda match: (-match.score, match.category))
    if mode == CALM:
        startling = {category.slug for category in known if category.kind is Kind.STARTLING}
        spread = float(np.std([match.score for match in found]))
        found = _calmed(found, startling, CALM_MARGIN * max(spread, 1e-6))
    return [replace(match, rank=place) for place, match in enumerate(found, start=1)]


def reason(match: Match) -> str:
    seen = f"Seen in the image: {', '.join(match.labels)}." if match.labels else ""
    alike = f"Looks like “{match.prompt}”." if match.prompt else ""
    return (
        " ".join(filter(None, (seen, alike))) or "A guess: the image shows nothing more specific."
    )


def _matches(
    encoding: PhotoEncoding, known: Sequence[Category], prompt_vectors: Mapping[str, Vectors]
) -> Iterator[Match]:
    vectors = [prompt_vectors[category.slug] for category in known]
    cosines = [encoding.vectors @ rows.T for rows in vectors]
    found = _scores(encoding, known, vectors, cosines)
    for at, (category, rows, table) in enumerate(zip(known, vectors, cosines, strict=True)):
        best = int(table[0].argmax())
        labels = _bringing(encoding, category, rows[best])
        is_fitting = encoding.support is None or table[0, best] >= FITTING
        where = _where(found, at, encoding)
        yield Match(
            category=category.slug,
            score=float(np.clip(found.scores[0, at], -1.0, 1.0)),
            rank=0,
            position=where.x,
            prompt=category.prompts[best] if is_fitting else "",
            labels=labels,
            confidence=found.confidence(at),
            y=where.y,
            extent=where.extent,
            evidence=where.grid,
        )


def _scores(
    encoding: PhotoEncoding,
    known: Sequence[Category],
    vectors: Sequence[Vectors],
    cosines: Sequence[Vectors],
) -> _Scores:
    meaning = np.stack([_pooled(table) for table in cosines], axis=1)
    mean, spread = float(meaning[0].mean()), max(float(meaning[0].std()), 1e-6)
    penalties = np.array([encoding.scene.penalty(category.slug) for category in known])
    scores = meaning - RULED_OUT * spread * penalties
    expected = None
    if encoding.support is not None:
        expected, rarity = _expected(encoding.support, encoding.labels, known, vectors)
        scores = scores + KNOWLEDGE * spread * np.log(expected * rarity + LEAST_EXPECTED)
    return _Scores(scores.astype(np.float32), expected, mean, spread)


def _expected(
    support: Support,
    labels: Sequence[PhotoLabel],
    known: Sequence[Category],
    vectors: Sequence[Vectors],
) -> tuple[Vectors, Vectors]:
    """Return expected weights (1 + places, categories) and rarities (categories).

    Knowledge is of the shipped prompts. What it does not know, such as a new category or an added
    prompt, is expected where the prompts mean what the photo's labels mean.
    """
    listed = {slug: at for at, slug in enumerate(support.slugs)}
    expected = np.empty((len(support.weights), len(known)), dtype=np.float32)
    rarity = np.ones(len(known), dtype=np.float32)
    for at, (category, rows) in enumerate(zip(known, vectors, strict=True)):
        added = rows[category.added]
        expected[:, at] = sum(label.probability * _affinity(label, added) for label in labels)
        if category.shipped and (column := listed.get(category.slug)) is not None:
            known_weights = category.shipped * support.weights[:, column]
            expected[:, at] = np.maximum(expected[:, at], known_weights)
            rarity[at] = support.rarity[column]
    return expected, rarity


def _affinity(label: PhotoLabel, prompts: Vectors) -> float:
    """Return the similarity of the label to the closest prompt, 0 to 1."""
    if label.vector is None or not len(prompts):
        return 0.0
    closest = float((prompts @ label.vector).max())
    return min(1.0, max(0.0, (closest - _RELATED) / (_SAME - _RELATED)))


def _where(found: _Scores, at: int, encoding: PhotoEncoding) -> Evidence:
    return evidence(found.scores[1:, at], found.spread, encoding.grid)


def _pooled(cosines: Vectors) -> Vectors:
    """Average the best prompts over the last axis, so that one chance fit has little weight."""
    best = np.sort(cosines, axis=-1)[..., -BEST_PROMPTS:]
    means: Vectors = best.mean(axis=-1)
    return means


def _bringing(encoding: PhotoEncoding, category: Category, prompt: Vectors) -> tuple[str, ...]:
    """Return the labels that pull the photo towards the category, strongest first."""
    support, slug = encoding.support, category.slug
    is_listed = bool(support and slug in support.slugs and category.shipped)
    pulls = [
        (label.probability * _pull(label, slug, prompt, is_listed=is_listed), label.name)
        for label in encoding.labels
    ]
    pulls.sort(key=lambda pull: -pull[0])
    least = max(SHOWN_SHARE * pulls[0][0], 0.0) if pulls else 0.0
    names = dict.fromkeys(name for pull, name in pulls if pull > least)
    return tuple(names)[:SHOWN_LABELS]


def _pull(label: PhotoLabel, slug: str, prompt: Vectors, *, is_listed: bool) -> float:
    if is_listed:
        return label.sounds.get(slug, 0.0)
    return 1.0 if label.vector is None else float(label.vector @ prompt)


def _calmed(found: list[Match], startling: set[str], margin: float) -> list[Match]:
    """Move startling matches behind the leading calm ones, unless they clearly win."""
    calm = [match for match in found if match.category not in startling]
    if not calm:
        return found
    bar = calm[0].score + margin
    front = [match for match in found if match.category not in startling or match.score >= bar]
    leading = front[:LEADING]
    return leading + [match for match in found if match not in leading]
