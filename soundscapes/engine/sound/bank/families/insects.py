"""Crickets and flying insects.

Crickets after Farnell, "Designing Sound", ch. 50, with the chirps of Gryllus and the trills of
Oecanthus (H. C. Bennet-Clark, "Resonators in insect sound production", J. Exp. Biol. 1999); wing
beats as harmonic tones that waver as the insect turns.
"""

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    burst,
    clock,
    octave_noise,
    partial,
    place,
    samples,
    turns,
    unit,
    wander,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono, to_ratio

SECONDS = 16.0


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
    sound = np.zeros(count, dtype=np.float32)
    for harmonic in range(1, 26):
        level = harmonic ** (-brightness) * random.uniform(0.5, 1.2)
        sound += np.float32(level) * partial(turned, harmonic, random.uniform(0, 1))
    return unit(sound)


def _passes(random: Generator, count: int, rate: float) -> Mono:
    depth = wander(random, count, rate, -1.6, 1.0)
    return mono(10 ** (1.4 * np.minimum(depth, 1.0) - 1.4))


def insects(random: Generator, variant: int) -> Mono:
    """Flies, bees or a swarm over a meadow."""
    count = samples(SECONDS)
    flyers = (2, 3, 9, 1)[variant]
    base = (190.0, 230.0, 210.0, 165.0)[variant]
    sound = np.zeros(count, dtype=np.float32)
    for _ in range(flyers):
        buzz = _wing_beat(random, count, base * random.uniform(0.85, 1.2), random.uniform(0.7, 1.2))
        sound += buzz * _passes(random, count, (0.8, 1.0, 0.4, 0.6)[variant])
    meadow = octave_noise(random, count, (-20, -18, -16, -12, -8, -4, 0, -4, -14))
    return mono(unit(sound) + to_ratio(-30) * meadow)
