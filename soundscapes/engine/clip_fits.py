"""Clips that fit an image: the words of each are compared with the image by the encoder."""

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import fmean, pstdev

from soundscapes.engine.matching.encoder import PhotoEncoding
from soundscapes.engine.matching.matcher import Match
from soundscapes.engine.matching.vectors import Vectors
from soundscapes.engine.sound.clips import Clip

Clips = Mapping[str, Sequence[Clip]]
Encode = Callable[[Sequence[str]], Vectors]

BANK_WORDS_PATH = Path(__file__).with_name("bank_words.toml")
MOST = 5.0  # spreads: no clip is impossible, and none the only one
SPREAD_BY_KNOWLEDGE = 4.0
"""Scores with knowledge differ about four times as much as the cosines beneath them."""
STEP = 3  # decimals of a fit, so that the choice is the same on every machine


@cache
def load_bank_words() -> dict[str, list[str]]:
    """Return by category what the bank's variants would be heard as, in their order."""
    words: dict[str, list[str]] = tomllib.loads(BANK_WORDS_PATH.read_text(encoding="utf-8"))
    return words


def bank_words() -> list[str]:
    """Return the words that ship; those of recordings are encoded when they are used."""
    return [words for some in load_bank_words().values() for words in some]


def words_of(category: str, variant: int) -> str:
    """Return the words of a variant of the bank."""
    return load_bank_words()[category][variant]


def with_fits(
    clips: Clips, encoding: PhotoEncoding, matches: Sequence[Match], encode: Encode
) -> dict[str, list[Clip]]:
    """Return the clips with their fit to the photo, and the weights by which they are chosen.

    `matches` are the photo's whole ranking; `encode` maps n texts to unit vectors, shape (n, d). A
    clip without words is as likely as an average one. A clip is e times likelier if its fit lies
    above the mean of its category by the standard deviation of the photo's cosines in the ranking.
    """
    texts = [clip.words for some in clips.values() for clip in some if clip.words]
    photo = encoding.vectors[0]
    fits = dict(zip(texts, (encode(texts) @ photo).tolist(), strict=True)) if texts else {}
    spread = pstdev([match.score for match in matches])
    if encoding.support is not None:
        spread /= SPREAD_BY_KNOWLEDGE
    spread = max(spread, 1e-6)
    return {slug: _weighted(some, fits, spread) for slug, some in clips.items()}


def _weighted(clips: Sequence[Clip], fits: Mapping[str, float], spread: float) -> list[Clip]:
    known = [fits[clip.words] for clip in clips if clip.words]
    mean = fmean(known) if known else 0.0
    return [_fitted(clip, fits.get(clip.words), mean, spread) for clip in clips]


def _fitted(clip: Clip, fit: float | None, mean: float, spread: float) -> Clip:
    if fit is None:
        return clip
    lead = min(MOST, max(-MOST, (round(fit, STEP) - mean) / spread))
    return replace(clip, fit=round(fit, STEP), weight=round(math.exp(lead), STEP))
