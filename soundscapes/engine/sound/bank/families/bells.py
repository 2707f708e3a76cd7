"""Church bells.

Modal synthesis with the partials of a tuned bell (hum, prime, tierce, quint, nominal and above), as
beating doublets because no bell is perfectly round: T. D. Rossing and R. Perrin, "Vibrations of
bells", Applied Acoustics 1987; W. A. Hibbert, "The quantification of strike pitch and pitch shifts
in church bells", 2008.
"""

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.blends import among
from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    burst,
    modes,
    place,
    room,
    samples,
    swell,
    white,
)
from soundscapes.engine.sound.samples import Mono, mono

PARTIALS = (
    (0.5, 1.00, 0.45),
    (1.0, 0.55, 0.60),
    (1.2, 0.50, 1.00),
    (1.5, 0.20, 0.35),
    (2.0, 0.35, 1.00),
    (2.5, 0.16, 0.30),
    (2.67, 0.14, 0.40),
    (3.0, 0.16, 0.65),
    (4.0, 0.10, 0.45),
    (5.1, 0.06, 0.30),
    (6.3, 0.04, 0.20),
    (7.6, 0.03, 0.12),
)
"""Frequency relative to the prime, decay relative to the hum, amplitude."""


def _strike(random: Generator, prime: float, ring: float) -> Mono:
    """One stroke of the clapper on a bell whose hum rings for `ring` seconds."""
    count = samples(ring)
    frequencies, decays, levels = [], [], []
    for ratio, decay, level in PARTIALS:
        centre = prime * ratio * random.uniform(0.997, 1.003)
        split = random.uniform(0.15, 0.6)
        frequencies += [centre - split / 2, centre + split / 2]
        decays += [ring * decay] * 2
        levels += [level * 0.6, level * 0.4]
    sound = modes(count, frequencies, decays, levels)
    knock = bandpass(white(random, samples(0.05)), 900, 5000) * swell(samples(0.05), 0.001, 0.04)
    place(sound, 0.0, knock, 0.8)
    return mono(sound * burst(count, 0.002, ring * 0.3))


PRIMES = (
    *((330.0,), (392.0, 330.0, 294.0), (208.0,), (440.0, 349.0)),
    *((262.0, 311.0), (494.0, 440.0, 370.0, 330.0), (277.0,), (247.0, 220.0)),
)
"""Primes (Hz) of the bells that are rung in turn."""


def church_bells(random: Generator, variant: int) -> Mono:
    """A single toll, a peal of two or three bells, or one large bell."""
    primes = PRIMES[variant]
    strikes = among(random, variant, (3, 7, 2, 5))
    gap = among(random, variant, (2.1, 0.85, 3.0, 1.2))
    ring = among(random, variant, (5.0, 4.0, 6.5, 4.0))
    sound = np.zeros(samples((strikes - 1) * gap + ring + 0.3), dtype=np.float32)
    for number in range(strikes):
        stroke = _strike(random, primes[number % len(primes)], ring)
        place(sound, 0.02 + number * gap + random.uniform(0, 0.05), stroke, random.uniform(0.8, 1))
    return room(random, sound, 1.6, 0.3, 3000.0)
