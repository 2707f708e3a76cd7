"""Sounds of people.

Cries after K. Michelsson and O. Michelsson, "Phonation in the newborn, infant cry", Int. J.
Pediatr. Otorhinolaryngol. 1999 (a pitch of 400 to 600 Hz that rises, holds and falls in each
breath); claps after B. H. Repp, "The sound of two hands clapping", JASA 1987; steps after P. R.
Cook, "Modeling Bill's gait", AES 2002 (heel, then sole, in the texture of the ground).
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    burst,
    curve,
    grains,
    highpass,
    lowpass,
    octave_noise,
    place,
    room,
    samples,
    scatter_grains,
    swell,
    unit,
    white,
)
from soundscapes.engine.sound.bank.voice import Formant, Throat, breath, voice
from soundscapes.engine.sound.samples import Mono, mono


def crying_baby(random: Generator, variant: int) -> Mono:
    """Wails, each in one breath, with a gasp before the next."""
    base = (440.0, 500.0, 400.0, 540.0)[variant] * random.uniform(0.96, 1.04)
    formants = [
        Formant(1050, 1150, 350, 1.0, (900, 1250, 1200, 950)),
        Formant(2900, 3100, 600, 0.7),
        Formant(5200, 5300, 1000, 0.35),
        Formant(8000, 8000, 1500, 0.25),
    ]
    sound = np.zeros(samples(6.0), dtype=np.float32)
    time = 0.05
    while time < 4.3:
        seconds = random.uniform(0.5, 1.5)
        count = samples(seconds)
        top = base * random.uniform(1.0, 1.3)
        sunk = top * random.uniform(0.85, 1.0)
        pitch = curve(count, [(0, base * 0.8), (0.2, top), (0.7, sunk), (1, base * 0.7)])
        throat = Throat(2.5, 0.006, 0.12, 40.0, 0.12, random.choice((0.0, 0.05, 0.25)))
        wail = voice(random, pitch, formants, throat) * burst(count, 0.09, 0.3)
        place(sound, time, wail, random.uniform(0.45, 1.0))
        time += seconds + 0.06
        gasp = breath(random, samples(0.22), formants) * burst(samples(0.22), 0.12, 0.08)
        place(sound, time, mono(gasp), 0.12)
        time += random.uniform(0.24, 0.6)
    return room(random, sound, 0.4, 0.2)


def _explosion(random: Generator, seconds: float, low: float, voiced: float, base: float) -> Mono:
    """Air that bursts out of the mouth, with some voice beneath it."""
    count = samples(seconds)
    formants = [
        Formant(low, low * 0.8, 400, 1.0),
        Formant(1700, 1500, 500, 0.7),
        Formant(2900, 2700, 800, 0.6),
        Formant(5200, 4500, 1800, 0.5),
    ]
    air = breath(random, count, formants) + 0.5 * unit(highpass(white(random, count), 3000))
    pitch = curve(count, [(0, base), (0.15, base * 1.2), (1, base * 0.7)])
    tone = voice(random, pitch, formants, Throat(5.0, 0.03, 0.2, 90.0, 0.1, 0.2))
    return mono((air + voiced * tone) * swell(count, 0.012, seconds * 1.1))


def sneezing(random: Generator, variant: int) -> Mono:
    """A drawn breath, and the outburst; some people sneeze twice."""
    base = (210.0, 130.0, 290.0, 160.0)[variant]
    drawn = samples(0.45)
    ah = [Formant(700, 800, 300, 1.0), Formant(1500, 1600, 400, 0.5), Formant(2700, 2700, 600, 0.3)]
    sound = np.zeros(samples(3.2), dtype=np.float32)
    inhale = breath(random, drawn, ah) * curve(drawn, [(0, 0), (0.8, 1), (1, 0)])
    place(sound, 0.03, mono(inhale), 0.10)
    low = (650.0, 500.0, 800.0, 560.0)[variant]
    seconds = (0.45, 0.62, 0.34, 0.5)[variant]
    time = 0.52
    for _ in range((1, 1, 2, 1)[variant]):
        place(sound, time, _explosion(random, seconds, low, (0.3, 0.2, 0.45, 0.12)[variant], base))
        time += seconds + random.uniform(0.4, 0.7)
    return room(random, sound, 0.4, 0.25)


def coughing(random: Generator, variant: int) -> Mono:
    """Two to four coughs, each weaker than the one before."""
    base = (150.0, 110.0, 230.0, 130.0)[variant]
    coughs = (2, 3, 4, 2)[variant]
    sound = np.zeros(samples(coughs * 0.5 + 0.8), dtype=np.float32)
    time = 0.03
    for number in range(coughs):
        cough = _explosion(random, random.uniform(0.22, 0.34), 620, 0.6, base)
        place(sound, time, lowpass(cough, 6000), 0.85**number)
        time += random.uniform(0.36, 0.5)
    return room(random, sound, 0.4, 0.25)


def clapping(random: Generator, variant: int) -> Mono:
    """Applause: every pair of hands has its own resonance and its own pace."""
    seconds = 8.0
    hands = (6, 25, 60, 3)[variant]
    count = samples(seconds)
    sound = np.zeros(count, dtype=np.float32)
    kinds = grains(random, 1300, 700, 2800, 12)
    for _ in range(hands):
        pace = random.uniform(0.2, 0.32)
        number = int(seconds / pace)
        times = random.uniform(0, pace) + pace * np.arange(number) + random.normal(0, 0.012, number)
        kept = mono(np.clip(times, 0, seconds - 0.1))
        kind = kinds[int(random.integers(len(kinds)))]
        sound += random.uniform(0.3, 1.0) * scatter_grains(random, count, kept, 0.2, [kind])
    return room(random, sound * burst(count, 0.6, 1.2), 1.2, 0.4)


def footsteps(random: Generator, variant: int) -> Mono:
    """Steps on boards, gravel, stone and leaves."""
    seconds = 6.0
    pace = (0.55, 0.58, 0.5, 0.62)[variant]
    loose = (0.1, 1.0, 0.15, 0.8)[variant]
    low, high = ((80, 900), (900, 6000), (200, 3500), (1500, 9000))[variant]
    sound = np.zeros(samples(seconds), dtype=np.float32)
    crumbs = grains(random, 500, low * 2.0, high * 1.6, 10)
    time = 0.1
    while time < seconds - 0.5:
        for delay, level in ((0.0, 1.0), (random.uniform(0.07, 0.11), 0.6)):
            size = samples(0.16)
            thud = bandpass(white(random, size), low, high, 1) * swell(size, 0.003, 0.09)
            place(sound, time + delay, unit(mono(thud)), level * (1 - 0.5 * loose))
            texture = mono(np.sort(random.beta(1.5, 3.0, int(60 * loose) + 2)) * 0.15)
            crunch = scatter_grains(random, size, texture, 0.8, crumbs)
            place(sound, time + delay, unit(crunch), level * loose)
        time += pace * random.normal(1, 0.03)
    ground = octave_noise(random, len(sound), (-6, -8, -10, -12, -14, -16, -20, -24, -30))
    return mono(room(random, sound, 0.5, 0.25) + 0.004 * ground)


RECIPES = {
    "clapping": clapping,
    "coughing": coughing,
    "crying_baby": crying_baby,
    "footsteps": footsteps,
    "sneezing": sneezing,
}
