"""The sea, taps and jugs.

Surf after Farnell, "Designing Sound", ch. 38, and the observation that surf is bubbles of all sizes
whose spectrum brightens as a wave breaks and darkens as it runs out.
"""

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.blends import among
from soundscapes.engine.sound.bank.dsp import (
    bubble,
    burst,
    grains,
    highpass,
    howling,
    modulated_times,
    octave_noise,
    place,
    poisson_times,
    room,
    samples,
    scatter_grains,
    smooth_curve,
    swell,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.samples import Mono, mono, to_ratio

SECONDS = 23.0


def _breakers(random: Generator, count: int, period: float, sharpness: float) -> Mono:
    """The level of breaking waves: each rises within a second or two and falls slowly."""
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
    """Incoming waves over the steady noise of the sea."""
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


def water_drops(random: Generator, variant: int) -> Mono:
    """A tap dripping into a basin."""
    sound = np.zeros(samples(6.0), dtype=np.float32)
    pace = among(random, variant, (0.9, 0.55, 1.3, 0.75))
    base = among(random, variant, (1150.0, 1600.0, 800.0, 1350.0))
    time = 0.05
    while time < 5.2:
        splash = highpass(white(random, samples(0.02)), 2500) * swell(samples(0.02), 0.0005, 0.012)
        place(sound, time, mono(splash), 0.12)
        for delay in (0.012, random.uniform(0.05, 0.09)):
            drop = bubble(base * random.uniform(0.85, 1.2), random.uniform(1, 3), 0.09)
            place(sound, time + delay, drop, 1.0 if delay < 0.02 else 0.35)
        time += pace * random.normal(1, 0.08)
    return room(random, sound, 0.9, 0.35, 5000.0)


def pouring_water(random: Generator, variant: int) -> Mono:
    """A stream of bubbles into a vessel whose resonance rises as it fills."""
    seconds = 8.0
    count = samples(seconds)
    sound = np.zeros(count, dtype=np.float32)
    for time in poisson_times(random, seconds - 0.3, 160.0):
        frequency = random.lognormal(np.log(900.0), 0.5) * (0.8 + 0.5 * time / seconds)
        place(sound, float(time), bubble(frequency, 1.5, 0.03), random.lognormal(-0.5, 0.6))
    filling = smooth_curve(count, [(0, 260), (0.6, 480), (1, 1100)]) * among(
        random, variant, (1.0, 0.7, 1.4, 1.1)
    )
    rush = octave_noise(random, count, (-26, -20, -12, -6, -2, 0, -2, -7, -20))
    cavity = howling(random, mono(filling), 160.0)
    flow = wander(random, count, 2.0, 0.75, 1.1) * burst(count, 0.25, 0.6)
    return mono((unit(sound) + 0.55 * rush + 0.4 * cavity) * flow)
