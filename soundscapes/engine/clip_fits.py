"""Clips that fit an image: the words of each are compared with the image by the encoder."""

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import fmean

from soundscapes.engine.matching.vectors import Vectors
from soundscapes.engine.sound.clips import Clip

Clips = Mapping[str, Sequence[Clip]]
Encode = Callable[[Sequence[str]], Vectors]

BANK_WORDS_PATH = Path(__file__).with_name("bank_words.toml")
MOST = 5.0  # spreads: no clip is impossible, and none the only one
STEP = 3  # decimals of a fit, so that the choice is the same on every machine


@cache
def load_bank_words() -> dict[str, list[str]]:
    """Return by category what the bank's variants would be heard as, in their order."""
    words: dict[str, list[str]] = tomllib.loads(BANK_WORDS_PATH.read_text(encoding="utf-8"))
    return words


def words_of(category: str, variant: int) -> str:
    """Return the words of a variant of the bank."""
    return load_bank_words()[category][variant]


def with_fits(clips: Clips, photo: Vectors, spread: float, encode: Encode) -> dict[str, list[Clip]]:
    """Return the clips with their fit to the photo, and the weights by which they are chosen.

    `photo` is a unit vector of shape (d,), and `encode` maps texts to rows of such. `spread` is the
    standard deviation of the photo's cosines over the categories. A clip whose fit is so much above
    the mean of its category is e times likelier than an average one, which one without words is.
    """
    texts = [clip.words for some in clips.values() for clip in some if clip.words]
    fits = dict(zip(texts, (encode(texts) @ photo).tolist(), strict=True)) if texts else {}
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
