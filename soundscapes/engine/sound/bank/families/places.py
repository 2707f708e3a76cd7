"""Places full of people, heard as a whole: a café, a crowd, a playground, a library.

Voices without words (`bank.babble`) among what people handle: crockery and pens are small hard
bodies (K. van den Doel and D. K. Pai, Presence 1998), steps and pages are noise in bursts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.babble import ADULTS, CHILDREN, LOUD, babble, shout
from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    burst,
    curve,
    grains,
    howling,
    lowpass,
    modes,
    modulated_times,
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

SECONDS = 22.0


def _clink(random: Generator, pitch: float, ring: float) -> Mono:
    """China, glass or cutlery: inharmonic modes of a small hard body."""
    number = int(random.integers(4, 8))
    ratios = np.cumsum(random.uniform(0.25, 0.9, number)) + 0.6
    rings = ring * ratios**-0.7 * random.uniform(0.6, 1.3, number)
    levels = random.uniform(0.2, 1.0, number)
    frequencies = (pitch * ratios).tolist()
    sound = modes(samples(ring * 1.3), frequencies, rings.tolist(), levels.tolist())
    return mono(sound / np.abs(sound).max())


def _clinks(random: Generator, count: int, rate: float) -> Mono:
    """Crockery in twos and threes."""
    sound = np.zeros(count, dtype=np.float32)
    for time in poisson_times(random, count / SAMPLE_RATE - 0.4, rate).tolist():
        pitch, gap = random.uniform(1300, 3600), random.uniform(0.05, 0.2)
        for number in range(int(random.integers(1, 4))):
            clink = _clink(random, pitch * random.uniform(0.97, 1.03), random.uniform(0.05, 0.3))
            place(sound, time + gap * number, clink, random.lognormal(-0.5 * number, 0.5))
    return sound


@dataclass(frozen=True, slots=True)
class Cafe:
    """Talkers, how near the nearest are, clinks a second and their level, level of the steam of a
    coffee machine, of the rooms' hum (dB), and its echo.
    """

    talkers: float
    near: float
    clinks: float
    clink: float
    steam: float
    hum_db: float
    echo: float


CAFES = (
    Cafe(7, 0.6, 0.5, 0.5, 0.0, -22.0, 0.5),
    Cafe(18, 0.5, 1.2, 0.6, 0.0, -24.0, 0.8),
    Cafe(9, 0.5, 0.8, 0.7, 0.9, -20.0, 0.6),
    Cafe(5, 0.8, 0.7, 0.9, 0.0, -17.0, 0.2),
)
"""A quiet morning, a full room at noon, the bar with its machine, a terrace by a street."""

HUM = (-2, 0, -3, -7, -11, -15, -20, -27, -40)


def cafe(random: Generator, variant: int) -> Mono:
    """A murmur of voices in a room, with cups, spoons and a coffee machine."""
    kind, count = CAFES[variant], samples(SECONDS)
    sound = lowpass(babble(random, count, ADULTS, kind.talkers, kind.near), 7000.0, 1)
    sound += 2.5 * kind.clink * _clinks(random, count, kind.clinks)
    if kind.steam:
        place(sound, random.uniform(2, 6), _steam(random, random.uniform(4, 7)), kind.steam)
    sound += to_ratio(kind.hum_db) * octave_noise(random, count, HUM)
    return room(random, mono(sound), 0.7, kind.echo, 3500.0)


def _steam(random: Generator, seconds: float) -> Mono:
    """Milk being frothed: a hiss whose gurgle rises as the milk warms."""
    count = samples(seconds)
    hiss = octave_noise(random, count, (-40, -32, -22, -14, -8, -3, 0, -2, -9))
    gurgle = howling(random, curve(count, [(0, 500), (1, 1100)]), 250.0)
    gurgle *= wander(random, count, 14.0, 0.2, 1.0)
    return mono((0.4 * hiss + 0.35 * gurgle) * burst(count, 0.3, 0.4))


@dataclass(frozen=True, slots=True)
class Square:
    """Talkers, steps a second, shouts a second, laughs or calls' level, high cut (Hz), level of the
    city behind (dB), and echo of the walls.
    """

    talkers: float
    steps: float
    shouts: float
    cut: float
    city_db: float
    echo: float


SQUARES = (
    Square(30, 6.0, 0.15, 5000.0, -14.0, 0.4),
    Square(45, 3.0, 0.7, 6000.0, -20.0, 0.3),
    Square(16, 9.0, 0.1, 4500.0, -10.0, 0.5),
    Square(60, 2.0, 0.4, 3600.0, -18.0, 1.0),
)
"""A busy square, a market, people strolling past, a crowd under a roof."""


def crowd(random: Generator, variant: int) -> Mono:
    """Many voices at many distances, of which no word stands out, and their steps."""
    kind, count = SQUARES[variant], samples(SECONDS)
    sound = lowpass(babble(random, count, LOUD, kind.talkers, 0.45), kind.cut, 1)
    calls = [shout(random, (140.0, 330.0), (0.8, 1.0)) for _ in range(4)]
    sound += 0.8 * _at_times(random, count, kind.shouts, calls, -0.6)
    steps = modulated_times(random, wander(random, count, 0.7, 0, 2 * kind.steps))
    sound += 0.5 * lowpass(scatter_grains(random, count, steps, 0.5, _heels(random)), 3500.0)
    city = to_ratio(kind.city_db) * octave_noise(random, count, HUM)
    return room(random, mono(sound + city), 1.1, kind.echo, 3000.0)


def _heels(random: Generator) -> list[Mono]:
    made = []
    for _ in range(8):
        size = samples(0.1)
        low = random.uniform(250, 900)
        heel = bandpass(white(random, size), low, 3.5 * low, 1) * swell(size, 0.001, 0.06)
        made.append(mono(heel / np.abs(heel).max()))
    return made


def _at_times(
    random: Generator, count: int, rate: float, sounds: Sequence[Mono], level: float
) -> Mono:
    """Scatter sounds at `rate` a second, at levels around exp(`level`)."""
    target = np.zeros(count, dtype=np.float32)
    for time in poisson_times(random, count / SAMPLE_RATE - 0.8, rate).tolist():
        chosen = sounds[int(random.integers(len(sounds)))]
        place(target, time, chosen, random.lognormal(level, 0.6))
    return target


@dataclass(frozen=True, slots=True)
class Playground:
    """Children who talk, shouts and squeals a second, runs a second, the swing's period (s) and the
    ball's bounces a second, where there are any, and level of the grown-ups.
    """

    children: float
    shouts: float
    squeals: float
    runs: float
    swing: float
    ball: float
    adults: float


PLAYGROUNDS = (
    Playground(8, 0.9, 0.35, 2.0, 2.4, 0.0, 0.15),
    Playground(22, 1.8, 0.6, 4.0, 0.0, 0.0, 0.1),
    Playground(6, 0.8, 0.15, 3.0, 0.0, 0.5, 0.0),
    Playground(4, 0.4, 0.4, 1.0, 3.0, 0.0, 0.35),
)
"""Around a swing, a schoolyard at break, a ball game, small children and their parents."""


def playground(random: Generator, variant: int) -> Mono:
    """Children's voices outdoors, with shouts, running feet, a swing or a ball."""
    kind, count = PLAYGROUNDS[variant], samples(SECONDS)
    sound = 0.9 * babble(random, count, CHILDREN, kind.children, 0.6)
    sound += kind.adults * babble(random, count, ADULTS, 3.0, 0.4) if kind.adults else 0.0
    shouts = [shout(random, (320.0, 620.0), (0.6, 0.75)) for _ in range(6)]
    squeals = [shout(random, (750.0, 1300.0), (0.55, 0.65)) for _ in range(4)]
    sound += 0.9 * _at_times(random, count, kind.shouts, shouts, -0.4)
    sound += 0.8 * _at_times(random, count, kind.squeals, squeals, -0.9)
    feet = modulated_times(random, wander(random, count, 0.6, -kind.runs, 4 * kind.runs))
    sound += 0.4 * lowpass(scatter_grains(random, count, feet, 0.5, _heels(random)), 3000.0)
    sound += 0.5 * _swing(random, count, kind.swing) + 0.6 * _ball(random, count, kind.ball)
    air = octave_noise(random, count, HUM)
    return room(random, mono(lowpass(sound, 7000.0, 1) + to_ratio(-24) * air), 0.8, 0.2, 4000.0)


def _swing(random: Generator, count: int, period: float) -> Mono:
    """Chains that creak twice in a period: friction pulses through a thin metal body."""
    sound = np.zeros(count, dtype=np.float32)
    time = random.uniform(0, 1)
    while period and time < count / SAMPLE_RATE - 0.6:
        size = samples(random.uniform(0.25, 0.5))
        rate = curve(size, [(0, 60), (0.5, random.uniform(160, 260)), (1, 70)])
        slips = modulated_times(random, rate)
        levels = mono(random.lognormal(0, 0.4, len(slips)))
        creak = scatter(size, slips, levels, _clink(random, random.uniform(900, 1500), 0.03))
        place(sound, time, unit(creak) * burst(size, 0.08, 0.12), random.uniform(0.4, 1.0))
        time += period / 2 * random.normal(1, 0.03)
    return sound


def _ball(random: Generator, count: int, rate: float) -> Mono:
    """A kicked or bounced ball: the thump of its air and a slap."""
    thumps = []
    for _ in range(4):
        size = samples(0.16)
        pitch = random.uniform(90, 160)
        ring = modes(size, [pitch, 2.1 * pitch, 5 * pitch], [0.12, 0.07, 0.03], [1, 0.5, 0.3])
        slap = bandpass(white(random, size), 500, 3000, 1) * swell(size, 0.001, 0.03)
        thumps.append(mono(unit(ring) + 0.5 * unit(slap)))
    return _at_times(random, count, rate, thumps, 0.0)


@dataclass(frozen=True, slots=True)
class Library:
    """Pages turned, steps, creaks of chairs and pen strokes a second, whispering, level of the
    ventilation (dB), and length of the echo (s).
    """

    pages: float
    steps: float
    creaks: float
    pens: float
    whisper: float
    air_db: float
    echo: float


LIBRARIES = (
    Library(0.28, 0.25, 0.08, 0.5, 0.0, -10.0, 1.6),
    Library(0.18, 0.5, 0.12, 0.0, 0.25, -8.0, 2.2),
    Library(0.4, 0.1, 0.15, 1.2, 0.1, -12.0, 0.7),
    Library(0.12, 0.8, 0.05, 0.2, 0.15, -6.0, 2.8),
)
"""A reading room, a library with whispering visitors, a study, a great hall."""

VENTILATION = (0, -1, -4, -9, -14, -19, -24, -31, -46)


def library(random: Generator, variant: int) -> Mono:
    """A hush: air, turned pages, distant steps, a chair, a pen."""
    kind, count = LIBRARIES[variant], samples(SECONDS)
    sound = 0.3 * _at_times(random, count, kind.pages, [_page(random) for _ in range(5)], -0.4)
    steps = modulated_times(random, wander(random, count, 0.5, -kind.steps, 3 * kind.steps))
    sound += 0.5 * lowpass(scatter_grains(random, count, steps, 0.4, _heels(random)), 1500.0)
    sound += 0.5 * _at_times(random, count, kind.creaks, [_chair(random) for _ in range(3)], -0.5)
    sound += 0.3 * _at_times(random, count, kind.pens, [_pen(random) for _ in range(5)], -0.8)
    if kind.whisper:
        talk = babble(random, count, ADULTS, 1.2, 0.5)
        sound += kind.whisper * 0.5 * lowpass(talk, 1800.0, 1)
    air = to_ratio(kind.air_db) * octave_noise(random, count, VENTILATION)
    return mono(room(random, mono(sound), kind.echo, 0.7, 3000.0) + 0.7 * air)


def _page(random: Generator) -> Mono:
    """Paper that is lifted, bends and falls: crackles in a swish."""
    count = samples(random.uniform(0.4, 0.9))
    swish = bandpass(white(random, count), 700, 6000, 1)
    swish *= wander(random, count, 9.0, 0.0, 1.0) ** 2
    crackles = modulated_times(random, mono(220 * swell(count, 0.15, 0.8)))
    paper = scatter_grains(random, count, crackles, 0.8, grains(random, 120, 1500, 9000, 8))
    paper = lowpass(mono(0.6 * unit(swish) + 0.7 * tamed(unit(paper), 6.0)), 7000.0, 1)
    return mono(paper * burst(count, 0.12, 0.2))


def _chair(random: Generator) -> Mono:
    count = samples(random.uniform(0.2, 0.5))
    rate = wander(random, count, 4.0, 40.0, 190.0)
    wood = modes(
        samples(0.05), (280, 610, 1040, 1900), (0.05, 0.04, 0.03, 0.02), (1, 0.8, 0.6, 0.3)
    )
    slips = modulated_times(random, rate)
    levels = mono(random.lognormal(0, 0.3, len(slips)))
    return mono(unit(scatter(count, slips, levels, wood)) * burst(count, 0.05, 0.1))


def _pen(random: Generator) -> Mono:
    count = samples(random.uniform(0.08, 0.3))
    stroke = bandpass(white(random, count), 1200, 5500) * wander(random, count, 25.0, 0.1, 1.0)
    return mono(unit(stroke) * burst(count, 0.02, 0.04))
