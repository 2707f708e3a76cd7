"""Rain, wind, what hangs in the wind, and thunder.

Rain after Farnell, "Designing Sound", ch. 37 and S. Conan et al., "An intuitive synthesizer of
sustained interaction sounds" (grains over coloured noise); wind after Farnell ch. 41 (noise through
resonances that follow the gusts); thunder after Farnell ch. 40 and H. S. Ribner and D. Roy,
"Acoustics of thunder", JASA 1982 (a crack, then rumble from ever more distant channel segments).
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    clock,
    grains,
    howling,
    lowpass,
    modes,
    octave_noise,
    place,
    poisson_times,
    room,
    samples,
    scatter,
    scatter_grains,
    swell,
    tamed,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono, to_ratio

RAIN_COLOURS = (
    (-17, -13, -8, -5, -1, 0, -2, -10, -27),
    (-12, -10, -7, -4, -1, 0, -1, -7, -25),
    (-14, -10, -7, -3, 0, -3, -6, -14, -32),
    (-9, -8, -7, -4, 0, -2, -6, -16, -36),
)
"""Octave levels: steady rain, a downpour, rain on leaves, rain on a road."""

DROP_RATES = (150.0, 500.0, 90.0, 220.0)


def _rain(random: Generator, count: int, colour: int, drop_level: float = 0.5) -> Mono:
    bed = octave_noise(random, count, RAIN_COLOURS[colour])
    bed *= wander(random, count, 0.4, 0.8, 1.2)
    seconds = count / samples(1.0)
    times = poisson_times(random, seconds, DROP_RATES[colour])
    drops = scatter_grains(random, count, times, 0.6, grains(random, 400, 1500, 9000, 14))
    return mono(bed + drop_level * unit(drops))


def rain(random: Generator, variant: int) -> Mono:
    """Coloured noise for thousands of distant drops, and grains for near ones."""
    count = samples(18.0)
    sound = _rain(random, count, variant)
    if variant == 2:
        sound += 0.2 * unit(_drips(random, count))
    return sound


def _drips(random: Generator, count: int) -> Mono:
    """Drops into puddles: bubbles that ring and rise (van den Doel, ACM TAP 2005)."""
    sound = np.zeros(count, dtype=np.float32)
    for time in poisson_times(random, count / samples(1.0) - 0.1, 7.0):
        size = samples(0.06)
        t = clock(size)
        frequency = random.uniform(900, 2600)
        tone = np.sin(2 * np.pi * frequency * (t + random.uniform(1, 4) * t**2))
        place(sound, float(time), tone * swell(size, 0.001, 0.05), random.lognormal(0, 0.5))
    return sound


WIND_COLOURS = (
    (0, -3, -6, -11, -17, -24, -32, -42, -55),
    (-2, 0, -3, -8, -14, -20, -26, -36, -50),
    (0, -2, -5, -8, -12, -15, -18, -24, -36),
    (-3, 0, -1, -5, -12, -20, -30, -40, -55),
)
"""Open land, round a house, through leaves, in a mountain pass."""


def wind(random: Generator, variant: int) -> Mono:
    """Gusts drive the level of dark noise and the pitch of its whistling."""
    count = samples(22.0)
    gust = wander(random, count, 0.35, 0.15, 1.0) * wander(random, count, 2.0, 0.8, 1.1)
    body = octave_noise(random, count, WIND_COLOURS[variant]) * gust
    centre = (260 + 500 * gust * wander(random, count, 0.5, 0.8, 1.2)) * (1 + 0.3 * (variant == 3))
    howl = howling(random, mono(centre), (90.0, 45.0, 140.0, 25.0)[variant])
    airy = octave_noise(random, count, (-40, -30, -20, -10, -4, 0, -2, -6, -14)) * gust**2
    levels = ((0.2, 0.05), (0.28, 0.04), (0.1, 0.5), (0.45, 0.03))[variant]
    return mono(body + levels[0] * unit(howl * gust**1.5) + levels[1] * unit(airy))


def _thunder(random: Generator, seconds: float, distance: float) -> Mono:
    """One thunderclap; at `distance` 0 it cracks, towards 1 it only rumbles."""
    count = samples(seconds)
    rumble = np.zeros(count, dtype=np.float32)
    arrivals = np.sort(seconds * random.beta(1.1, 2.2, 34))
    for number, time in enumerate(arrivals[arrivals < seconds - 0.5]):
        size = samples(random.uniform(0.4, 1.6))
        cutoff = random.uniform(80, 320) * (1.6 - distance) / (1 + 0.06 * number)
        lobe = unit(lowpass(white(random, size), max(45.0, cutoff)))
        flank = swell(size, random.uniform(0.02, 0.25), size / samples(1.0))
        place(rumble, float(time), lobe * flank, random.lognormal(-0.06 * number, 0.6))
    crack_size = samples(1.2)
    crack = octave_noise(random, crack_size, (0, 0, -1, -2, -4, -8, -13, -20, -30))
    spikes = poisson_times(random, 0.5, 60.0)
    tearing = scatter(
        crack_size, spikes, mono(random.lognormal(0, 1, len(spikes))), swell(2500, 0.001, 0.05)
    )
    crack *= 0.3 * swell(crack_size, 0.003, 1.1) + 0.25 * tearing * swell(crack_size, 0.01, 0.8)
    place(rumble, 0.0, crack, 2.2 * (1 - distance) ** 1.5)
    return mono(rumble * swell(count, 0.01 + 0.3 * distance, seconds * 2.2))


def thunderstorm(random: Generator, variant: int) -> Mono:
    """Near and distant thunderclaps over rain."""
    count = samples(20.0)
    claps = np.zeros(count, dtype=np.float32)
    times = ((0.6, 10.5), (0.4, 7.0, 13.0), (1.0, 9.0), (0.3, 11.5))[variant]
    for number, time in enumerate(times):
        distance = random.uniform(0.0, 0.35) if number == 0 else random.uniform(0.3, 0.9)
        place(claps, time, _thunder(random, 7.0, distance), 1 - 0.4 * distance)
    shower = _rain(random, count, (1, 3, 0, 1)[variant])
    return mono(0.45 * claps / np.abs(claps).max() + to_ratio(-37 + 4 * (variant % 2)) * shower)


@dataclass(frozen=True, slots=True)
class Harbour:
    """Masts and their lowest modes (Hz), taps a second in a gust, how gusty it is, levels of the
    wind's howl and of the water.
    """

    masts: int
    pitch: tuple[float, float]
    taps: float
    gusts: float
    howl: float
    water: float


HARBOURS = (
    Harbour(5, (420, 900), 2.2, 0.4, 0.25, 0.3),
    Harbour(10, (500, 1300), 3.5, 0.5, 0.5, 0.15),
    Harbour(1, (380, 480), 1.6, 0.35, 0.2, 0.5),
    Harbour(3, (180, 320), 1.2, 0.35, 0.35, 0.4),
)
"""A harbour, a full marina in strong wind, one boat at a mooring, wooden masts."""

BAR = np.array((1.0, 2.756, 5.404, 8.933, 13.34))
"""Bending modes of a free bar (N. H. Fletcher and T. D. Rossing, 1998)."""


def rigging(random: Generator, variant: int) -> Mono:
    """Halyards that beat against masts in the wind's gusts, above lapping water."""
    kind, count = HARBOURS[variant], samples(22.0)
    gust = wander(random, count, 0.45, 1 - kind.gusts, 1.0)
    clanks = np.zeros(count, dtype=np.float32)
    for _ in range(kind.masts):
        taps = _halyard(random, gust, kind.taps)
        levels = mono(random.lognormal(0, 0.5, len(taps)))
        mast = _mast(random, random.uniform(*kind.pitch), wooden=variant == 3)
        clanks += random.uniform(0.25, 1.0) * scatter(count, taps, levels, mast)
    air = octave_noise(random, count, (-2, 0, -3, -7, -12, -18, -25, -34, -48)) * gust
    howl = howling(random, mono(240 + 420 * gust), 45.0) * gust**2
    lap = octave_noise(random, count, (-20, -13, -7, -2, 0, -3, -8, -15, -30))
    lap *= np.maximum(0, wander(random, count, 1.1, -0.7, 1.0))
    sound = tamed(unit(clanks), 8.0) + 0.9 * air + kind.howl * unit(howl) + kind.water * lap
    return room(random, mono(sound), 0.6, 0.25, 4000.0)


def _halyard(random: Generator, gust: Mono, rate: float) -> Mono:
    """Times of a rope that swings at its own pace, and rests when the gust does."""
    times, time = [], random.uniform(0, 0.5)
    while time < len(gust) / SAMPLE_RATE - 0.1:
        if gust[samples(time)] > random.uniform(0.3, 0.8):
            times.append(time)
        time += max(0.06, random.normal(1, 0.18) / rate)
    return mono(np.array(times))


def _mast(random: Generator, pitch: float, *, wooden: bool) -> Mono:
    """A struck mast: aluminium rings, wood knocks."""
    ring = random.uniform(0.35, 0.7) * (0.15 if wooden else 1.0)
    frequencies = pitch * BAR * random.uniform(0.98, 1.02, len(BAR))
    rings = ring * BAR**-0.6
    levels = (BAR**-0.35 * random.uniform(0.5, 1.0, len(BAR))).tolist()
    body = modes(samples(ring * 1.2), frequencies.tolist(), rings.tolist(), levels)
    size = samples(0.02)
    tap = bandpass(white(random, size), 1200, 5000) * swell(size, 0.001, 0.012)
    place(body, 0.0, unit(mono(tap)), 0.2)
    return mono(body / np.abs(body).max())
