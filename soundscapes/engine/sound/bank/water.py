"""The sea.

After Farnell, "Designing Sound", ch. 38, and the observation that surf is bubbles of all sizes
whose spectrum brightens as a wave breaks and darkens as it runs out.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    grains,
    modulated_times,
    octave_noise,
    samples,
    scatter_grains,
    smooth_curve,
    unit,
    wander,
)
from soundscapes.engine.sound.samples import Mono, mono, to_ratio

SECONDS = 20.0


def _breakers(random: Generator, count: int, period: float, sharpness: float) -> Mono:
    """The level of breaking waves: each rises within a second or two and runs out slowly."""
    level = np.zeros(count, dtype=np.float32)
    time = -random.uniform(0, period)
    while time < SECONDS:
        size = samples(period * random.uniform(1.1, 1.7))
        crest = random.uniform(0.22, 0.38)
        wave = smooth_curve(
            size, [(0, 0), (crest * 0.6, 0.2), (crest, 1), (crest + 0.2, 0.6), (0.8, 0.15), (1, 0)]
        )
        wave = mono(np.maximum(wave, 0) ** sharpness * random.uniform(0.5, 1.0))
        first = samples(max(0.0, time))
        skipped = samples(max(0.0, -time))
        length = min(count - first, size - skipped)
        if length > 0:
            level[first : first + length] += wave[skipped : skipped + length]
        time += period * random.uniform(0.7, 1.3)
    return level


def sea_waves(random: Generator, variant: int) -> Mono:
    """Waves that come in over the steady noise of the sea behind them."""
    count = samples(SECONDS)
    period = (6.5, 4.5, 8.5, 5.5)[variant]
    wave = _breakers(random, count, period, (1.2, 1.0, 1.5, 1.0)[variant])
    sea = octave_noise(random, count, (-9, -3, 0, -2, -5, -9, -13, -18, -34))
    body = octave_noise(random, count, (-12, -4, 0, -1, -3, -7, -12, -17, -32))
    foam = octave_noise(random, count, (-30, -22, -12, -5, -1, 0, -3, -8, -22))
    flutter = wander(random, count, 6.0, 0.75, 1.2)
    times = modulated_times(random, 60 + 900 * wave**2)
    bubbles = scatter_grains(random, count, times, 0.7, grains(random, 700, 500, 5000, 12))
    calm = to_ratio((-11.0, -6.0, -13.0, -8.0)[variant])
    sound = calm * sea * wander(random, count, 0.5, 0.85, 1.1)
    sound += wave * flutter * body + 0.45 * wave**1.7 * foam
    return mono(sound + 0.15 * unit(bubbles) * (0.2 + wave))


RECIPES = {"sea_waves": sea_waves}
