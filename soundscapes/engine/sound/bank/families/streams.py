"""Running, falling and lapping water, and rain on a pane.

Water sounds as bubbles of many sizes (K. van den Doel, "Physically based models for liquid sounds",
ACM TAP 2005) over the noise of spray (Farnell, "Designing Sound", ch. 36). The steadier and darker
a fall, the larger and farther it is (G. R. Watts et al., "Measurement and subjective assessment of
water generated sounds", Acta Acustica 2009). Drops on glass are short modes of the pane.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    bubble,
    burst,
    grains,
    lowpass,
    modes,
    modulated_times,
    octave_noise,
    peaking,
    place,
    poisson_times,
    room,
    samples,
    scatter_grains,
    swell,
    tamed,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.samples import Mono, mono, to_ratio

SECONDS = 20.0


def _ring(frequency: float) -> float:
    """The time in which a bubble of this pitch (Hz) falls by 60 dB: heat, then radiation."""
    radius = 3.0 / frequency
    return 6.9 / (0.13 / radius + 0.0072 / math.sqrt(radius**3))


def _bubbles(random: Generator, low: float, high: float, number: int = 32) -> list[Mono]:
    """Bubbles with pitches between `low` and `high` (Hz); the closer to the surface, the faster
    they rise. Small ones are as clear as large ones, which ring longer.
    """
    pitches = np.exp(random.uniform(np.log(low), np.log(high), number))
    made = [bubble(each, random.exponential(1.2), _ring(each)) for each in pitches.tolist()]
    return [mono(each / np.sqrt(np.linalg.norm(each))) for each in made]


def _stream_of(random: Generator, density: Mono, low: float, high: float, spread: float) -> Mono:
    times = modulated_times(random, density)
    return unit(scatter_grains(random, len(density), times, spread, _bubbles(random, low, high)))


def _spray(random: Generator, density: Mono, low: float, high: float) -> Mono:
    """Drops that hit water: bursts of noise of a few milliseconds."""
    times, kinds = modulated_times(random, density), grains(random, 330, low, high, 14)
    return tamed(unit(scatter_grains(random, len(density), times, 0.5, kinds)), 4.5)


@dataclass(frozen=True, slots=True)
class Fall:
    """Octave levels of the roar, drops a second and their band (Hz), their share, the share and
    band of the bubbles below, and the depth of the unrest.
    """

    roar: tuple[float, ...]
    drops: float
    band: tuple[float, float]
    spray: float
    plunge: float
    pool: tuple[float, float]
    unrest: float


FALLS = (
    Fall((-6, -3, -1, 0, 0, -2, -5, -10, -24), 900, (900, 9000), 0.3, 0.2, (180, 900), 0.10),
    Fall((-15, -10, -5, -1, 0, 0, -2, -7, -20), 420, (1200, 11000), 0.6, 0.4, (300, 1800), 0.22),
    Fall((-3, 0, 0, -1, -3, -7, -13, -22, -42), 500, (500, 4000), 0.20, 0.10, (120, 500), 0.07),
    Fall(
        (-22, -17, -11, -5, -2, 0, -1, -5, -17), 240, (1800, 12000), 0.90, 0.65, (350, 2400), 0.30
    ),
)
"""A high fall close by, a cascade over rocks, a large fall far away, a thin one into a pool."""


def waterfall(random: Generator, variant: int) -> Mono:
    """A steady roar, with clumps of water that land and the bubbles they leave."""
    kind, count = FALLS[variant], samples(SECONDS)
    steady = wander(random, count, 0.4, 0.92, 1.08)
    unrest = wander(random, count, 5.0, 1 - kind.unrest, 1 + kind.unrest)
    roar = octave_noise(random, count, kind.roar) * steady * unrest
    clumps = mono(wander(random, count, 9.0, 0.1, 1.0) ** 2 * kind.drops * 3)
    spray = _spray(random, clumps, *kind.band)
    pool = _stream_of(random, mono(clumps * 0.25), *kind.pool, 0.6)
    return mono(roar + kind.spray * spray + kind.plunge * tamed(pool, 5.0))


@dataclass(frozen=True, slots=True)
class Brook:
    """Bubbles a second and their band (Hz), gulps a second, how unsteady the flow is (0 to 1),
    level of the rush (dB), and its octave levels.
    """

    bubbles: float
    band: tuple[float, float]
    gulps: float
    babble: float
    rush_db: float
    rush: tuple[float, ...]


BROOKS = (
    Brook(170, (450, 3200), 1.6, 0.75, -9, (-26, -20, -12, -6, -2, 0, -3, -8, -22)),
    Brook(420, (350, 4200), 0.8, 0.45, -3, (-20, -13, -7, -3, 0, -1, -3, -9, -24)),
    Brook(110, (260, 1900), 3.0, 0.85, -12, (-18, -12, -6, -2, 0, -3, -8, -15, -32)),
    Brook(48, (600, 4200), 0.5, 0.9, -15, (-30, -24, -16, -9, -4, 0, -1, -5, -18)),
)
"""A brook over stones, a wide one, one in a hollow with gulping pools, a trickle."""


def stream(random: Generator, variant: int) -> Mono:
    """Babbling: bubbles in flurries of a few a second, gulps below stones, and a rush."""
    kind, count = BROOKS[variant], samples(SECONDS)
    flurry = wander(random, count, 4.5, 1 - kind.babble, 1.0) * wander(random, count, 0.6, 0.6, 1.0)
    babble = _stream_of(random, mono(kind.bubbles * flurry**2 * 2), *kind.band, 0.8)
    gulps = poisson_times(random, SECONDS - 0.4, kind.gulps)
    low = np.zeros(count, dtype=np.float32)
    for time in gulps.tolist():
        place(low, time, _gulp(random, random.uniform(220, 520)), random.lognormal(0, 0.5))
    rush = octave_noise(random, count, kind.rush) * wander(random, count, 3.0, 0.75, 1.2)
    sound = tamed(babble, 6.0) + 0.45 * unit(low) + to_ratio(kind.rush_db) * rush
    return mono(sound)


def _gulp(random: Generator, pitch: float) -> Mono:
    """A pocket of air that closes: large bubbles in quick succession, each higher."""
    sound = np.zeros(samples(0.4), dtype=np.float32)
    time = 0.0
    for number in range(int(random.integers(2, 6))):
        frequency = pitch * 1.12**number * random.uniform(0.95, 1.05)
        place(sound, time, bubble(frequency, random.uniform(1, 4), 0.6 * _ring(frequency)))
        time += random.uniform(0.025, 0.07)
    return sound


@dataclass(frozen=True, slots=True)
class Jets:
    """Drops a second and their band (Hz), bubbles a second, pulses a second of the jets, level of
    the hiss, of the square around (dB), and its echo.
    """

    drops: float
    band: tuple[float, float]
    bubbles: float
    pulse: float
    hiss: float
    square_db: float
    echo: float


FOUNTAINS = (
    Jets(260, (1400, 9000), 90, 2.2, 0.35, -34.0, 0.15),
    Jets(900, (1800, 12000), 160, 1.0, 0.8, -38.0, 0.10),
    Jets(120, (700, 5000), 210, 3.5, 0.15, -42.0, 0.30),
    Jets(600, (1000, 8000), 120, 1.4, 0.55, -20.0, 0.25),
)
"""A jet into a basin, many fine jets, a spout in a wall, a large fountain in a city's square."""

SQUARE = (0, -2, -4, -7, -10, -14, -20, -30, -46)


def fountain(random: Generator, variant: int) -> Mono:
    """Jets that break into drops; what falls back pats the water in irregular clusters."""
    kind, count = FOUNTAINS[variant], samples(SECONDS)
    flow = wander(random, count, kind.pulse, 0.35, 1.0)
    clusters = mono(wander(random, count, 11.0, 0.0, 1.0) ** 2 * flow * kind.drops * 4)
    pats = _spray(random, clusters, *kind.band)
    basin = _stream_of(random, mono(kind.bubbles * flow * 1.5), 350, 2600, 0.7)
    hiss = octave_noise(random, count, (-40, -30, -22, -14, -8, -3, 0, -2, -10))
    hiss *= wander(random, count, 6.0, 0.8, 1.15)
    sound = pats + 0.55 * tamed(basin, 6.0) + kind.hiss * hiss
    around = to_ratio(kind.square_db) * octave_noise(random, count, SQUARE)
    return room(random, mono(sound + around * wander(random, count, 0.3, 0.6, 1.2)), 0.9, kind.echo)


@dataclass(frozen=True, slots=True)
class Shore:
    """Seconds between lappings, gulps a lapping and their pitch (Hz), level of the wash, band of
    the wash (Hz), hollow resonance (Hz) and its share.
    """

    period: float
    gulps: tuple[int, int]
    pitch: tuple[float, float]
    wash: float
    band: tuple[float, float]
    hollow: float
    boom: float


SHORES = (
    Shore(1.1, (1, 4), (420, 1100), 0.8, (500, 5000), 300.0, 0.0),
    Shore(0.8, (2, 5), (230, 620), 0.5, (250, 2500), 170.0, 0.8),
    Shore(0.6, (1, 3), (180, 420), 0.35, (200, 1800), 120.0, 1.2),
    Shore(1.4, (0, 2), (600, 1600), 0.8, (700, 7000), 400.0, 0.0),
)
"""Pebbles on a lake's shore, the piles of a jetty, a boat's hull, reeds."""


def lapping_water(random: Generator, variant: int) -> Mono:
    """Small waves that slap, wash up and gulp, without the rhythm or the roar of the sea."""
    kind, count = SHORES[variant], samples(SECONDS)
    sound = np.zeros(count, dtype=np.float32)
    time = random.uniform(0, 0.5)
    while time < SECONDS - 0.2:
        place(sound, time, _lap(random, kind), random.lognormal(-0.3, 0.45))
        time += kind.period * random.uniform(0.35, 1.5)
    sound = mono(sound + kind.boom * peaking(sound, kind.hollow, 2.5))
    still = octave_noise(random, count, (-10, -6, -3, 0, -2, -6, -11, -17, -32))
    ripples = _stream_of(random, wander(random, count, 2.0, 4, 60), 500, 2600, 0.8)
    rest = to_ratio(-19) * still * wander(random, count, 1.2, 0.4, 1.2) + to_ratio(-18) * ripples
    return mono(tamed(unit(sound), 5.0) + rest)


def _lap(random: Generator, shore: Shore) -> Mono:
    seconds = random.uniform(0.5, 1.3)
    count = samples(seconds)
    low, high = shore.band
    wash = lowpass(bandpass(white(random, count), low, high * random.uniform(0.5, 1.0), 1), high)
    wash *= swell(count, seconds * random.uniform(0.15, 0.4), seconds) * wander(
        random, count, 14.0, 0.3, 1.0
    )
    sound = mono(shore.wash * 0.3 * unit(wash))
    for _ in range(int(random.integers(*shore.gulps, endpoint=True))):
        start = random.uniform(0.05, 0.7) * seconds
        place(
            sound, start, _gulp(random, random.uniform(*shore.pitch)), random.lognormal(-1.2, 0.5)
        )
    wet = mono(20 + 160 * swell(count, seconds * 0.3, seconds))
    return mono(sound + 0.12 * _stream_of(random, wet, 700, 3500, 0.8) * burst(count, 0.1, 0.2))


@dataclass(frozen=True, slots=True)
class Pane:
    """Drops a second, modes of what they hit (Hz) and their ring (s), share of low thuds, level of
    the rain outside (dB), of drops from the gutter, and how gusty it is.
    """

    drops: float
    modes: tuple[float, float]
    ring: float
    thud: float
    outside_db: float
    gutter: float
    gusts: float


PANES = (
    Pane(26, (1300, 6500), 0.014, 0.35, -20.0, 0.15, 0.3),
    Pane(130, (1100, 7000), 0.010, 0.45, -12.0, 0.0, 0.8),
    Pane(80, (420, 3200), 0.020, 1.0, -16.0, 0.1, 0.4),
    Pane(14, (1700, 7500), 0.035, 0.25, -18.0, 0.5, 0.3),
)
"""Light rain, gusts that drive it against the pane, a window in the roof, a sill of tin."""


def rain_on_window(random: Generator, variant: int) -> Mono:
    """Taps of drops on glass, close and dry, before the muffled rain outside."""
    kind, count = PANES[variant], samples(SECONDS)
    gust = wander(random, count, 0.5, 1 - kind.gusts, 1.0) * wander(random, count, 3.0, 0.7, 1.0)
    taps = [_tap(random, kind) for _ in range(18)]
    times = modulated_times(random, mono(kind.drops * gust**2 * 1.6))
    sound = tamed(unit(scatter_grains(random, count, times, 0.6, taps)), 9.0)
    outside = octave_noise(random, count, (-12, -6, -4, -1, 0, -4, -11, -20, -38))
    sound = mono(sound + to_ratio(kind.outside_db + 8) * outside * (0.6 + 0.5 * gust))
    drips = poisson_times(random, SECONDS - 0.3, 1.8)
    pats = scatter_grains(random, count, drips, 0.5, _bubbles(random, 350, 900, 8))
    return room(random, mono(sound + kind.gutter * unit(pats)), 0.35, 0.25, 3500.0)


def _tap(random: Generator, pane: Pane) -> Mono:
    """A drop on a pane: a few strongly damped modes, and the thud of the frame."""
    size = samples(0.09)
    low, high = pane.modes
    pitches = np.exp(random.uniform(np.log(low), np.log(high), 5))
    rings = pane.ring * random.uniform(0.5, 1.5, 5)
    ring = modes(size, pitches.tolist(), rings.tolist(), random.uniform(0.3, 1, 5).tolist())
    spat = bandpass(white(random, size), 1500, 9000, 1) * swell(size, 0.0004, 0.006)
    thud = lowpass(white(random, size), random.uniform(180, 420)) * swell(size, 0.002, 0.05)
    tap = unit(ring) + 0.8 * unit(mono(spat)) + pane.thud * unit(mono(thud))
    return mono(tap / np.abs(tap).max())
