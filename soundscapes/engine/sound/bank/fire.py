"""Fire.

After Farnell, "Designing Sound", ch. 34: lapping, hissing and crackling are three sounds. Crackles
come in flurries, with levels spread over a heavy tail.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    grains,
    modulated_times,
    octave_noise,
    poisson_times,
    samples,
    scatter_grains,
    tamed,
    unit,
    wander,
)
from soundscapes.engine.sound.samples import Mono, mono

LAPPING = (
    (0, -4, -9, -13, -17, -19, -21, -24, -34),
    (-3, -3, -5, -7, -10, -13, -16, -20, -30),
    (0, -5, -12, -17, -20, -20, -20, -22, -30),
    (-1, -2, -5, -9, -13, -16, -18, -21, -30),
)
"""Octave levels of the steady part: a hearth, a bonfire, a stove, a campfire."""


def crackling_fire(random: Generator, variant: int) -> Mono:
    """Lapping flames, and what bursts in the wood."""
    count = samples(16.0)
    seconds = 16.0
    lapping = octave_noise(random, count, LAPPING[variant]) * wander(random, count, 5.0, 0.55, 1.3)
    flurry = mono(np.maximum(0, wander(random, count, 1.2, -0.6, 1.0)) ** 2)
    rate = (18.0, 60.0, 12.0, 30.0)[variant]
    fine = modulated_times(random, rate * (0.25 + 4 * flurry))
    crackles = scatter_grains(random, count, fine, 1.0, grains(random, 260, 1800, 13000, 18))
    pops = poisson_times(random, seconds - 0.2, rate / 12)
    snaps = scatter_grains(random, count, pops, 0.7, grains(random, 900, 600, 4000, 10))
    dust = modulated_times(random, rate * 6 * (0.3 + flurry))
    spatter = scatter_grains(random, count, dust, 0.8, grains(random, 90, 4000, 15000, 8))
    level = (1.0, 1.1, 0.9, 1.2)[variant]
    bursts = level * unit(crackles) + 0.7 * unit(snaps) + 0.25 * unit(spatter)
    return mono(0.5 * lapping + tamed(mono(bursts), 9.0))


RECIPES = {"crackling_fire": crackling_fire}
