"""Fire, and what cooks on it.

After Farnell, "Designing Sound", ch. 34: lapping, hissing and crackling are three sounds. Crackles
come in flurries, and their levels are heavy-tailed. Frying is the same without the wood: water that
boils off under oil in bubbles of a millisecond, and spits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    bubble,
    burst,
    clock,
    fading,
    grains,
    modes,
    modulated_times,
    octave_noise,
    place,
    poisson_times,
    room,
    samples,
    scatter_grains,
    tamed,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono

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
        click = white(random, size) * fading(clock(size), seconds)
        made.append(mono(click / np.abs(click).max()))
    return made


def crackling_fire(random: Generator, variant: int) -> Mono:
    """Lapping flames with crackling wood."""
    seconds = 17.0
    count = samples(seconds)
    lapping = octave_noise(random, count, LAPPING[variant]) * wander(random, count, 5.0, 0.55, 1.3)
    flurry = mono(np.maximum(0, wander(random, count, 1.2, -0.6, 1.0)) ** 2)
    rate = (12.0, 60.0, 5.0, 30.0)[variant]
    fine = modulated_times(random, rate * (0.25 + 4 * flurry))
    crackles = scatter_grains(
        random, count, fine, 1.1, [*grains(random, 300, 1000, 11000, 8), *_clicks(random)]
    )
    pops = poisson_times(random, seconds - 0.2, rate / 25)
    snaps = scatter_grains(random, count, pops, 0.7, grains(random, 700, 250, 3000, 12))
    dust = modulated_times(random, rate * 8 * (0.3 + flurry))
    spatter = scatter_grains(random, count, dust, 0.8, grains(random, 90, 4000, 15000, 8))
    level = (1.0, 1.1, 0.9, 1.2)[variant]
    bursts = 0.8 * level * unit(crackles) + 0.6 * unit(snaps) + 0.18 * unit(spatter)
    return mono((0.4, 0.6, 0.2, 0.4)[variant] * lapping + tamed(mono(bursts), 20.0))


@dataclass(frozen=True, slots=True)
class Pan:
    """Octave levels of the sizzle, spits a second, strokes of a spoon or a pan's tosses a second
    and their pitch (Hz), bubbles a second of a boiling pot, and rattles of its lid a second.
    """

    sizzle: tuple[float, ...]
    spits: float
    strokes: float
    pitch: float
    boil: float = 0.0
    lid: float = 0.0


PANS = (
    Pan((-40, -34, -27, -20, -13, -7, -2, 0, -5), 12.0, 0.0, 900.0),
    Pan((-36, -29, -22, -15, -9, -4, 0, -1, -7), 40.0, 0.25, 1300.0),
    Pan((-38, -31, -24, -17, -10, -4, 0, 0, -6), 20.0, 0.9, 1700.0),
    Pan((-30, -22, -14, -7, -3, 0, -4, -11, -24), 2.0, 0.12, 700.0, 60.0, 0.8),
)
"""Gentle frying, a hot pan that spits, stirring in a wok, a pot that boils."""


def cooking(random: Generator, variant: int) -> Mono:
    """A sizzle with spits of fat, and a spoon or a lid."""
    pan, count = PANS[variant], samples(19.0)
    heat = wander(random, count, 0.5, 0.7, 1.1) * wander(random, count, 12.0, 0.75, 1.2)
    sizzle = octave_noise(random, count, pan.sizzle) * heat
    pops = modulated_times(random, mono(900 * heat**2))
    fine = grains(random, 60, 4000, 14000, 10)
    sizzle += 0.5 * unit(scatter_grains(random, count, pops, 0.6, fine))
    spits = modulated_times(random, wander(random, count, 1.5, 0, 2 * pan.spits))
    fat = scatter_grains(random, count, spits, 0.9, grains(random, 220, 1500, 8000, 12))
    sound = sizzle + 0.5 * tamed(unit(fat), 12.0)
    if pan.boil:
        large = [bubble(each, 1.0, 0.05) for each in random.uniform(180, 900, 24)]
        times = modulated_times(random, wander(random, count, 5.0, 0, 2 * pan.boil))
        sound = 0.35 * sound + unit(scatter_grains(random, count, times, 0.6, large))
    sound += _strokes(random, count, pan.strokes, pan.pitch, 0.25)
    sound += _strokes(random, count, pan.lid, 2100.0, 0.08)
    return room(random, mono(sound), 0.4, 0.12, 4000.0)


def _strokes(random: Generator, count: int, rate: float, pitch: float, scrape: float) -> Mono:
    """Knocks on a pan, each after a scrape of so many seconds."""
    sound = np.zeros(count, dtype=np.float32)
    for time in poisson_times(random, count / SAMPLE_RATE - 1.0, rate).tolist():
        size = samples(scrape)
        rub = bandpass(white(random, size), pitch, 4 * pitch, 1) * wander(random, size, 20, 0, 1)
        place(sound, time, unit(rub) * burst(size, 0.3 * scrape, 0.3 * scrape), 0.4)
        ratios = np.array([1.0, 1.6, 2.4, 3.9, 5.3]) * random.uniform(0.95, 1.05, 5)
        rings = [0.16, 0.13, 0.1, 0.06, 0.04]
        knock = modes(samples(0.2), (pitch * ratios).tolist(), rings, [1, 0.8, 0.7, 0.5, 0.3])
        place(sound, time + scrape, unit(knock), random.lognormal(0.3, 0.4))
    return sound
