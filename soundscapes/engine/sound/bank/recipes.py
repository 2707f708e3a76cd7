"""All recipes by category, and what makes clips of them: seeds, level, edges."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.bank import (
    bells,
    birds,
    daily,
    farm,
    fire,
    house,
    insects,
    machines,
    people,
    pets,
    street,
    water,
    weather,
)
from soundscapes.engine.sound.bank.dsp import burst, highpass, samples
from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.samples import Mono, mono, to_ratio

Recipe = Callable[[Generator, int], Mono]

VARIANTS = 4
CLIP_LUFS = -23.0
CLIP_PEAK = to_ratio(-1.0)
EDGE = 0.004
INAUDIBLE = to_ratio(-60.0)

RECIPES: dict[str, Recipe] = {
    **weather.RECIPES,
    **water.RECIPES,
    **fire.RECIPES,
    **insects.RECIPES,
    **birds.RECIPES,
    **farm.RECIPES,
    **pets.RECIPES,
    **bells.RECIPES,
    **house.RECIPES,
    **machines.RECIPES,
    **people.RECIPES,
    **daily.RECIPES,
    **street.RECIPES,
}


def bank_categories() -> tuple[str, ...]:
    """The categories that have a recipe, in alphabetical order."""
    return tuple(sorted(RECIPES))


def variants(category: str) -> int:
    """How many different clips a category has. Raises EngineError where there is no recipe."""
    _recipe(category)
    return VARIANTS


def synthesise(category: str, variant: int) -> Mono:
    """One clip, shape (n,), at 44.1 kHz: always the same for a category and a variant.

    It is at -23 LUFS, or as near to it as a peak of -1 dBFS allows, and starts and ends in
    silence. Raises EngineError where there is no such recipe or variant.
    """
    recipe = _recipe(category)
    if not 0 <= variant < VARIANTS:
        raise EngineError(f"{category} has variants 0 to {VARIANTS - 1}, not {variant}.")
    seed = zlib.crc32(category.encode())
    sound = recipe(np.random.default_rng([seed, variant]), variant)
    return _levelled(sound)


def _recipe(category: str) -> Recipe:
    try:
        return RECIPES[category]
    except KeyError:
        raise EngineError(f"The bank has no recipe for {category}.") from None


def _levelled(sound: Mono) -> Mono:
    sound = _trimmed(highpass(sound, 20.0, 1))
    sound = sound * burst(len(sound), EDGE, EDGE)
    sound -= sound.mean()
    sound /= np.abs(sound).max()
    gain = to_ratio(CLIP_LUFS - measure_loudness(sound))
    return mono(sound * np.float32(min(gain, CLIP_PEAK)))


def _trimmed(sound: Mono) -> Mono:
    """`sound` without the silence that a recipe leaves before and after it."""
    audible = np.flatnonzero(np.abs(sound) > INAUDIBLE * np.abs(sound).max())
    spare = samples(EDGE)
    return sound[max(0, audible[0] - spare) : audible[-1] + spare]
