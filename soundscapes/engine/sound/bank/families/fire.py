"""Fire.

After Farnell, "Designing Sound", ch. 34: lapping, hissing and crackling are three sounds. Crackles
come in flurries, and their levels are heavy-tailed.
"""

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    clock,
    grains,
    modulated_times,
    octave_noise,
    poisson_times,
    samples,
    scatter_grains,
    tamed,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.samples import Mono, mono

LAPPING = (
    (0, -4, -9, -13, -18, -22, -25, -27, -36),
    (-1, -2, -5, -8, -12, -17, -21, -25, -34),
    (0, -5, -12, -17, -21, -23, -25, -26, -34),
    (-1, -2, -5, -10, -15, -20, -23, -26, -34),
)
"""Octave levels of the steady part: a hearth, a bonfire, a stove, a campfire."""


def _clicks(random: Generator) -> list[Mono]:
    """Splitting wood: broadband bursts of a few milliseconds."""
    made = []
    for seconds in random.uniform(0.0006, 0.004, 10):
        size = samples(2 * seconds)
        click = white(random, size) * 10 ** (-3 * clock(size) / np.float32(seconds))
        made.append(mono(click / np.abs(click).max()))
    return made


def crackling_fire(random: Generator, variant: int) -> Mono:
    """Lapping flames with crackling wood."""
    count = samples(16.0)
    seconds = 16.0
    lapping = octave_noise(random, count, LAPPING[variant]) * wander(random, count, 5.0, 0.55, 1.3)
    flurry = mono(np.maximum(0, wander(random, count, 1.2, -0.6, 1.0)) ** 2)
    rate = (30.0, 70.0, 20.0, 45.0)[variant]
    fine = modulated_times(random, rate * (0.25 + 4 * flurry))
    crackles = scatter_grains(
        random, count, fine, 0.8, [*grains(random, 300, 1000, 11000, 8), *_clicks(random)]
    )
    pops = poisson_times(random, seconds - 0.2, rate / 25)
    snaps = scatter_grains(random, count, pops, 0.7, grains(random, 700, 250, 3000, 12))
    dust = modulated_times(random, rate * 8 * (0.3 + flurry))
    spatter = scatter_grains(random, count, dust, 0.8, grains(random, 90, 4000, 15000, 8))
    level = (1.0, 1.1, 0.9, 1.2)[variant]
    bursts = 0.8 * level * unit(crackles) + 0.6 * unit(snaps) + 0.18 * unit(spatter)
    return mono((0.35, 0.5, 0.25, 0.4)[variant] * lapping + tamed(mono(bursts), 12.0))
