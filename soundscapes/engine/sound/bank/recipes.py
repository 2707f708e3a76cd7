"""All recipes, with their seeds, levels and edges."""

import zlib
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
from numpy.random import Generator

from soundscapes.engine.catalogue import Kind, load_catalogue
from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.bank import families
from soundscapes.engine.sound.bank.dsp import burst, highpass, samples
from soundscapes.engine.sound.bank.place import EDGE, in_a_place, recorded, through_air, with_noise
from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.samples import Mono, mono, to_ratio

Recipe = Callable[[Generator, int], Mono]

FEW, MANY = 4, 8
CLIP_LUFS = -17.0
CLIP_PEAK = to_ratio(-1.0)
TURBULENCE_DB = 1.3
INAUDIBLE = to_ratio(-60.0)

FAMILIES = [
    import_module(f"{families.__name__}.{module.name}")
    for module in iter_modules(families.__path__)
]
RECIPES: dict[str, Recipe] = {
    category.slug: getattr(family, category.slug)
    for category in load_catalogue()
    for family in FAMILIES
    if hasattr(family, category.slug)
}
"""Recipes by category: the functions with a category's name in the families' modules."""

UNBROKEN = {each.slug for each in load_catalogue() if each.kind is Kind.BED} | {
    "chainsaw",
    "clock_tick",
}
"""Categories whose clips are cut from a continuous sound."""

RARE = UNBROKEN | {"insects", "siren", "toilet_flush"}
"""Categories with four clips: the others recur within a minute, and have eight."""


def bank_categories() -> tuple[str, ...]:
    """Return the categories with a recipe, in alphabetical order."""
    return tuple(sorted(RECIPES))


def variants(category: str) -> int:
    """Return the number of a category's clips. Raise EngineError if it has no recipe."""
    _recipe(category)
    return FEW if category in RARE else MANY


def synthesise(category: str, variant: int) -> Mono:
    """Return the clip, shape (n,), at 44.1 kHz; equal arguments give equal clips.

    It has -17 LUFS, or a peak of -1 dBFS if that is quieter, and starts and ends in silence.
    All get the noise of a place and a recorder, because recordings never contain digital silence.
    Raise EngineError for an unknown recipe or variant.
    """
    recipe = _recipe(category)
    if not 0 <= variant < variants(category):
        raise EngineError(f"{category} has variants 0 to {variants(category) - 1}, not {variant}.")
    seed = zlib.crc32(category.encode())
    random = np.random.default_rng([seed, variant])
    sound = _trimmed(highpass(recipe(random, variant), 20.0, 1))
    sound = through_air(random, recorded(random, sound), TURBULENCE_DB)
    heard = with_noise if category in UNBROKEN else in_a_place
    return _levelled(heard(random, sound))


def _recipe(category: str) -> Recipe:
    try:
        return RECIPES[category]
    except KeyError:
        raise EngineError(f"The bank has no recipe for {category}.") from None


def _levelled(sound: Mono) -> Mono:
    sound = sound * burst(len(sound), EDGE, EDGE)
    sound -= sound.mean()
    sound /= np.abs(sound).max()
    gain = to_ratio(CLIP_LUFS - measure_loudness(sound))
    return mono(sound * np.float32(min(gain, CLIP_PEAK)))


def _trimmed(sound: Mono) -> Mono:
    """Cut the silence before and after `sound`."""
    audible = np.flatnonzero(np.abs(sound) > INAUDIBLE * np.abs(sound).max())
    spare = samples(EDGE)
    return sound[max(0, audible[0] - spare) : audible[-1] + spare]
