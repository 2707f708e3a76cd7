"""Dogs and cats.

Barks after T. Riede and W. T. Fitch, "Vocal tract length and acoustics of vocalization in the
domestic dog", J. Exp. Biol. 1999; miaows after S. Schötz, "A phonetic pilot study of vocalisations
in three cats", Fonetik 2012 (a pitch that rises and falls while the mouth opens and closes).
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.blends import among
from soundscapes.engine.sound.bank.dsp import burst, curve, lowpass, place, room, samples
from soundscapes.engine.sound.bank.voice import Formant, Throat, breath, effort, voice
from soundscapes.engine.sound.samples import Mono, mono


def _bark(random: Generator, base: float, tract: float, seconds: float) -> Mono:
    """One bark: an aspirated onset, a pitch that jumps up and drops, a tract that snaps open."""
    count = samples(seconds)
    formants = [
        Formant(0, 0, 240 / tract, 1.0, tuple(f / tract for f in (560, 1000, 930, 640))),
        Formant(0, 0, 380 / tract, 0.5, tuple(f / tract for f in (1250, 1800, 1600, 1300))),
        Formant(2900 / tract, 2700 / tract, 600, 0.10),
        Formant(4300 / tract, 4100 / tract, 1000, 0.035),
    ]
    peak = random.uniform(1.25, 1.6)
    crest = random.uniform(0.15, 0.35)
    pitch = curve(count, [(0, base * 0.75), (crest, base * peak), (0.6, base), (1, base * 0.5)])
    throat = Throat(5.5, 0.006, 0.2, 60.0, 0.05, random.choice((0.0, 0.15, 0.45)))
    tone = voice(random, pitch, formants, throat) * burst(count, 0.022, seconds * 0.6)
    air = breath(random, count, formants) * burst(count, 0.01, seconds * 0.8)
    return lowpass(mono(tone + 0.05 * air), 5200.0 / tract, 1)


@dataclass(frozen=True, slots=True)
class Dog:
    """Pitch (Hz), relative tract, length, number and gap of barks (s), reverb (s), its level."""

    base: float
    tract: float
    seconds: float
    barks: int
    pause: tuple[float, float]
    decay: float
    wet: float


DOGS = (
    Dog(430.0, 1.0, 0.19, 5, (0.25, 0.7), 0.35, 0.08),
    Dog(640.0, 0.82, 0.13, 7, (0.18, 0.6), 0.6, 0.10),
    Dog(320.0, 1.2, 0.26, 2, (0.4, 0.9), 0.5, 0.10),
    Dog(500.0, 0.92, 0.17, 6, (0.3, 0.8), 1.2, 0.16),
)
"""A shepherd, a persistent terrier, two woofs of a large dog, and a dog down the street."""


def dog(random: Generator, variant: int) -> Mono:
    """Barks of dogs of four sizes."""
    kind = among(random, variant, DOGS)
    base = kind.base * random.uniform(0.95, 1.05)
    seconds = kind.barks * (kind.seconds + kind.pause[1]) + 0.6
    sound = np.zeros(samples(seconds), dtype=np.float32)
    time = 0.03
    for _ in range(kind.barks):
        length = kind.seconds * random.uniform(0.8, 1.2)
        bark = _bark(random, base * random.uniform(0.9, 1.1), kind.tract, length)
        place(sound, time, bark, random.uniform(0.6, 1.0))
        time += length + random.uniform(*kind.pause)
    return room(random, sound, kind.decay, kind.wet, 3000.0)


MIAOWS = (
    ((0, 0.85), (0.25, 1.15), (0.55, 1.2), (0.85, 0.9), (1, 0.75)),
    ((0, 0.7), (0.4, 0.95), (0.7, 1.25), (0.9, 1.15), (1, 1.0)),
    ((0, 1.0), (0.15, 1.3), (0.4, 1.1), (0.75, 0.85), (1, 0.7)),
    ((0, 0.9), (0.3, 1.0), (0.5, 1.2), (0.65, 1.0), (1, 0.8)),
)
"""Pitch contours relative to the mean: a plain arch, a question, a demand, a voice break."""


def cat(random: Generator, variant: int) -> Mono:
    """A miaow in one of four moods: closed, open, closed."""
    base = among(random, variant, (560.0, 480.0, 680.0, 610.0)) * random.uniform(0.96, 1.04)
    seconds = among(random, variant, (0.9, 1.2, 0.65, 0.85))
    count = samples(seconds)
    arch = among(random, variant, MIAOWS)
    pitch = curve(count, [(at, base * ratio) for at, ratio in arch])
    pitch *= 1 + 0.012 * np.sin(2 * np.pi * 6.5 * np.arange(count) / samples(1.0))
    formants = [
        Formant(0, 0, 300, 1.0, (700, 1250, 1450, 1000, 750)),
        Formant(0, 0, 450, 0.55, (2500, 2300, 2200, 1900, 1700)),
        Formant(3900, 3700, 700, 0.25),
        Formant(6200, 6000, 1500, 0.1),
    ]
    miaow = voice(random, pitch, formants, Throat(5.5, 0.005, 0.08, 50.0, 0.05, 0.05))
    level = curve(count, [(0, 0), (0.12, 0.5), (0.4, 1.0), (0.7, 0.7), (1, 0)])
    calls = among(random, variant, (1, 1, 2, 1))
    sound = np.zeros(samples(calls * (seconds + 0.5) + 0.6), dtype=np.float32)
    for number in range(calls):
        place(sound, 0.03 + number * (seconds + random.uniform(0.3, 0.5)), effort(miaow, level))
    return room(random, sound, 0.45, 0.18)
