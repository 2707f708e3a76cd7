"""Dogs and cats.

Barks after T. Riede and W. T. Fitch, "Vocal tract length and acoustics of vocalization in the
domestic dog", J. Exp. Biol. 1999; miaows after S. Schötz, "A phonetic pilot study of vocalisations
in three cats", Fonetik 2012 (a pitch that rises and falls while the mouth opens and closes).
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import burst, curve, place, room, samples
from soundscapes.engine.sound.bank.voice import Formant, Throat, breath, voice
from soundscapes.engine.sound.samples import Mono, mono


def _bark(random: Generator, base: float, tract: float, seconds: float) -> Mono:
    """One bark: an aspirated onset, a pitch that leaps up and drops, a tract that snaps open."""
    count = samples(seconds)
    formants = [
        Formant(0, 0, 260 / tract, 1.0, tuple(f / tract for f in (620, 1050, 980, 700))),
        Formant(0, 0, 420 / tract, 0.8, tuple(f / tract for f in (1300, 1850, 1700, 1400))),
        Formant(2900 / tract, 2700 / tract, 600, 0.14),
        Formant(4300 / tract, 4100 / tract, 1000, 0.06),
    ]
    peak = random.uniform(1.25, 1.5)
    pitch = curve(count, [(0, base * 0.8), (0.22, base * peak), (0.6, base), (1, base * 0.55)])
    throat = Throat(5.5, 0.015, 0.15, 120.0, 0.12, 0.25)
    tone = voice(random, pitch, formants, throat) * burst(count, 0.018, seconds * 0.55)
    air = breath(random, count, formants) * burst(count, 0.006, seconds * 0.8)
    return mono(tone + 0.07 * air)


def dog(random: Generator, variant: int) -> Mono:
    """A few barks in a row, by dogs of four sizes."""
    base = (430.0, 620.0, 300.0, 520.0)[variant] * random.uniform(0.95, 1.05)
    tract = (1.0, 0.8, 1.3, 0.9)[variant]
    seconds = (0.20, 0.14, 0.26, 0.18)[variant]
    barks = (4, 7, 3, 5)[variant]
    sound = np.zeros(samples(barks * (seconds + 0.42) + 0.8), dtype=np.float32)
    time = 0.03
    for _ in range(barks):
        bark = _bark(random, base * random.uniform(0.92, 1.08), tract, seconds)
        place(sound, time, bark, random.uniform(0.75, 1.0))
        time += seconds + random.uniform(0.18, 0.42)
    return room(random, sound, (0.7, 1.2, 0.9, 1.6)[variant], (0.2, 0.3, 0.25, 0.35)[variant])


MIAOWS = (
    ((0, 0.85), (0.25, 1.15), (0.55, 1.2), (0.85, 0.9), (1, 0.75)),
    ((0, 0.7), (0.4, 0.95), (0.7, 1.25), (0.9, 1.15), (1, 1.0)),
    ((0, 1.0), (0.15, 1.3), (0.4, 1.1), (0.75, 0.85), (1, 0.7)),
    ((0, 0.9), (0.3, 1.0), (0.5, 1.2), (0.65, 1.0), (1, 0.8)),
)
"""Pitch over the call, beside its mean: the plain arch, a question, a demand, a break of voice."""


def cat(random: Generator, variant: int) -> Mono:
    """A miaow: closed, open, closed; of four moods."""
    base = (560.0, 480.0, 680.0, 610.0)[variant] * random.uniform(0.96, 1.04)
    seconds = (0.9, 1.2, 0.65, 0.85)[variant]
    count = samples(seconds)
    arch = MIAOWS[variant]
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
    calls = (1, 1, 2, 1)[variant]
    sound = np.zeros(samples(calls * (seconds + 0.5) + 0.6), dtype=np.float32)
    for number in range(calls):
        place(sound, 0.03 + number * (seconds + random.uniform(0.3, 0.5)), miaow * level)
    return room(random, sound, 0.45, 0.18)


RECIPES = {"cat": cat, "dog": dog}
