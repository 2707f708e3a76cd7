"""Crickets, cicadas and flying insects.

Crickets after Farnell, "Designing Sound", ch. 50, with the chirps of Gryllus and the trills of
Oecanthus (H. C. Bennet-Clark, "Resonators in insect sound production", J. Exp. Biol. 1999); wing
beats as harmonic tones that waver as the insect turns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    burst,
    clock,
    harmonics,
    howling,
    octave_noise,
    partial,
    place,
    samples,
    turns,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono, to_ratio

SECONDS = 20.0


def _chirp(random: Generator, carrier: float, pulses: int, pulse_rate: float) -> Mono:
    """A few pulses of a nearly pure tone, each falling slightly."""
    size = samples(1 / pulse_rate)
    sound = np.zeros(samples((pulses + 0.5) / pulse_rate), dtype=np.float32)
    for pulse in range(pulses):
        length = int(size * random.uniform(0.55, 0.7))
        t = clock(length)
        tone = np.sin(2 * np.pi * carrier * (t - 0.6 * t**2 * pulse_rate * 0.02))
        tone += 0.06 * np.sin(4 * np.pi * carrier * t)
        place(sound, pulse / pulse_rate, tone * burst(length, 0.003, 0.006), 0.6 + 0.13 * pulse)
    return sound


def _cricket(random: Generator, count: int, carrier: float, rate: float, pulses: int) -> Mono:
    sound = np.zeros(count, dtype=np.float32)
    pulse_rate = random.uniform(22, 38)
    time = random.uniform(0, 1 / rate)
    while time < count / SAMPLE_RATE:
        chirp = _chirp(random, carrier * random.uniform(0.997, 1.003), pulses, pulse_rate)
        place(sound, time, chirp, random.uniform(0.8, 1.0))
        time += random.normal(1, 0.04) / rate
    return sound


def _trill(random: Generator, count: int, carrier: float, pulse_rate: float) -> Mono:
    """A tree cricket: pulses without a pause."""
    pitch = carrier * wander(random, count, 0.5, 0.995, 1.005).astype(np.float64)
    tone = np.sin(np.cumsum(2 * np.pi * pitch / SAMPLE_RATE))
    beat = np.sin(2 * np.pi * pulse_rate * clock(count) + random.uniform(0, 6))
    return mono(tone * np.maximum(0, 0.35 + beat) * wander(random, count, 0.7, 0.6, 1.0))


def crickets(random: Generator, variant: int) -> Mono:
    """One or two crickets close by, a distant chorus, and night air."""
    count = samples(SECONDS)
    base = (4600.0, 4100.0, 5200.0, 4800.0)[variant]
    sound = np.zeros(count, dtype=np.float32)
    for number in range((1, 2, 2, 3)[variant]):
        pulses = int(random.integers(3, 5))
        carrier = base * random.uniform(0.94, 1.06)
        sound += _cricket(random, count, carrier, random.uniform(1.6, 3.0), pulses) / (1 + number)
    chorus = np.zeros(count, dtype=np.float32)
    for _ in range(6):
        chorus += _trill(random, count, base * random.uniform(0.85, 1.25), random.uniform(28, 60))
    far = octave_noise(random, count, (-26, -24, -22, -20, -16, 0, -3, -20, -40))
    levels = ((0.20, 0.06), (0.45, 0.10), (0.12, 0.05), (0.8, 0.12))[variant]
    return mono(unit(sound) + levels[0] * unit(chorus) + levels[1] * far)


def _wing_beat(random: Generator, count: int, base: float, brightness: float) -> Mono:
    """A buzz: harmonics of the wing beat, with a pitch that wavers in flight."""
    pitch = base * wander(random, count, 1.5, 0.93, 1.07) * wander(random, count, 9.0, 0.985, 1.015)
    turned = turns(mono(pitch))
    weights = []
    for harmonic in range(1, 26):
        level = harmonic ** (-brightness) * random.uniform(0.5, 1.2)
        weights.append(level * np.exp(2j * np.pi * random.uniform(0, 1)))
    return unit(harmonics(turned, weights))


def _passes(random: Generator, count: int, rate: float) -> Mono:
    depth = wander(random, count, rate, -1.6, 1.0)
    return mono(np.exp(np.float32(np.log(10) * 1.4) * (depth - 1)))


def insects(random: Generator, variant: int) -> Mono:
    """Flies, bees or a swarm over a meadow."""
    count = samples(16.0)
    flyers = (2, 3, 9, 1)[variant]
    base = (190.0, 230.0, 210.0, 165.0)[variant]
    sound = np.zeros(count, dtype=np.float32)
    for _ in range(flyers):
        buzz = _wing_beat(random, count, base * random.uniform(0.85, 1.2), random.uniform(0.7, 1.2))
        sound += buzz * _passes(random, count, (0.8, 1.0, 0.4, 0.6)[variant])
    meadow = octave_noise(random, count, (-20, -18, -16, -12, -8, -4, 0, -4, -14))
    return mono(unit(sound) + to_ratio(-30) * meadow)


@dataclass(frozen=True, slots=True)
class Cicada:
    """Insects, their band (Hz), buckling of the tymbals a second, how deep that modulates, phrases
    a second and their depth, how far the song swells, and level of the chorus far away.
    """

    singers: int
    band: tuple[float, float]
    pulses: float
    depth: float
    phrases: float
    gaps: float
    swell: float
    chorus: float


CICADAS = (
    Cicada(3, (4200, 8200), 190.0, 0.7, 0.0, 0.0, 0.6, 0.25),
    Cicada(4, (3600, 7000), 120.0, 0.8, 2.6, 0.85, 0.3, 0.2),
    Cicada(2, (5200, 9500), 260.0, 0.5, 0.4, 0.6, 0.9, 0.35),
    Cicada(6, (3200, 9000), 150.0, 0.6, 7.5, 0.5, 0.4, 0.6),
)
"""A pine grove's rattle, chants of one phrase, a rising whine, a chorus at noon."""


def cicadas(random: Generator, variant: int) -> Mono:
    """Tymbals that buckle a hundred times a second or more, through a resonant belly.

    H. C. Bennet-Clark and D. Young, "A model of the mechanism of sound production in cicadas", J.
    Exp. Biol. 1992.
    """
    kind, count = CICADAS[variant], samples(SECONDS)
    sound = np.zeros(count, dtype=np.float32)
    for number in range(kind.singers):
        sound += _tymbals(random, kind, count) / (1 + 0.7 * number)
    low, high = kind.band
    air = bandpass(white(random, count), 0.8 * low, 0.9 * high) * wander(random, count, 0.3, 0.7, 1)
    meadow = octave_noise(random, count, (-16, -14, -14, -12, -8, -4, 0, -3, -12))
    return mono(unit(sound) + kind.chorus * unit(air) + to_ratio(-26) * meadow)


def _tymbals(random: Generator, kind: Cicada, count: int) -> Mono:
    centre = random.uniform(*kind.band)
    buzz = bandpass(white(random, count), centre / 1.25, centre * 1.25)
    buzz += 0.6 * bandpass(buzz, centre / 1.06, centre * 1.06, 1)
    turned = turns(mono(kind.pulses * wander(random, count, 1.0, 0.95, 1.05)))
    pulse = 1 - kind.depth * (0.5 + 0.5 * partial(turned, 1, random.uniform(0, 1)))
    rate = kind.phrases * random.uniform(0.9, 1.1)
    phrase = 0.5 + 0.5 * partial(turns(np.full(count, rate, np.float32)), 1, random.uniform(0, 1))
    song = 1 - kind.gaps * phrase**0.7
    level = wander(random, count, 0.25, 1 - kind.swell, 1.0)
    return mono(unit(buzz) * pulse * song * level)


@dataclass(frozen=True, slots=True)
class Bees:
    """Bees that are heard singly, their wing beat (Hz), passes a second, level of the hum of all
    others and of the meadow (dB).
    """

    bees: int
    beat: float
    passes: float
    hum: float
    meadow_db: float


BEES = (
    Bees(4, 235.0, 0.7, 0.8, -20.0),
    Bees(7, 250.0, 0.5, 1.8, -26.0),
    Bees(3, 165.0, 0.35, 0.7, -18.0),
    Bees(6, 220.0, 1.0, 1.1, -20.0),
)
"""On flowers, before a hive, bumblebees, in a lime tree."""


def bees(random: Generator, variant: int) -> Mono:
    """Wing beats near 240 a second that come and go, over the hum of many.

    H. Esch, "Über die Schallerzeugung beim Werbetanz der Honigbiene", Z. vergl. Physiol. 1961.
    """
    kind, count = BEES[variant], samples(SECONDS)
    sound = np.zeros(count, dtype=np.float32)
    for _ in range(kind.bees):
        base = kind.beat * random.uniform(0.88, 1.15)
        buzz = _wing_beat(random, count, base, random.uniform(0.9, 1.5))
        sound += buzz * (0.12 + _passes(random, count, kind.passes))
    hum = np.zeros(count, dtype=np.float32)
    for number in range(1, 7):
        centre = kind.beat * number * wander(random, count, 1.5, 0.95, 1.06)
        hum += howling(random, mono(centre), 18.0 * number) / number
    meadow = octave_noise(random, count, (-14, -12, -12, -9, -6, -3, 0, -4, -14))
    return mono(unit(sound) + kind.hum * unit(hum) + to_ratio(kind.meadow_db) * meadow)
