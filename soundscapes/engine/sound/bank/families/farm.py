"""Farm animals and frogs.

Voices after the source-filter theory as applied to mammals (A. M. Taylor and D. Reby, "The
contribution of source-filter theory to mammal vocal communication research", J. Zool. 2010); frogs
as pulse trains through the resonance of the vocal sac (C. Gerhardt and F. Huber, "Acoustic
Communication in Insects and Anurans", 2002).
"""

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.blends import among
from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    burst,
    clock,
    curve,
    modes,
    place,
    room,
    samples,
    swell,
)
from soundscapes.engine.sound.bank.voice import Formant, Throat, breath, effort, voice
from soundscapes.engine.sound.samples import Mono, mono


def cow(random: Generator, variant: int) -> Mono:
    """A moo: hums with the mouth closed, opens, and breaks slightly at its highest pitch."""
    base = among(random, variant, (115.0, 95.0, 135.0, 105.0)) * random.uniform(0.96, 1.04)
    seconds = among(random, variant, (2.0, 2.6, 1.7, 2.2))
    count = samples(seconds)
    arch = ((0, 0.8), (0.2, 1.0), (0.5, 1.35), (0.75, 1.4), (1, 0.85))
    pitch = curve(count, [(at, base * ratio) for at, ratio in arch])
    formants = [
        Formant(0, 0, 110, 1.0, (230, 300, 520, 600, 420)),
        Formant(0, 0, 180, 0.55, (700, 800, 1050, 1150, 900)),
        Formant(1900, 2000, 300, 0.25),
        Formant(2900, 2900, 500, 0.12),
    ]
    moo = voice(random, pitch, formants, Throat(6.0, 0.008, 0.12, 50.0, 0.10, 0.15))
    level = curve(count, [(0, 0), (0.1, 0.45), (0.45, 0.9), (0.75, 1.0), (0.92, 0.4), (1, 0)])
    sound = np.zeros(count + samples(1.0), dtype=np.float32)
    place(sound, 0.03, effort(moo, level))
    return room(random, sound, 0.9, 0.25, 2500.0)


def sheep(random: Generator, variant: int) -> Mono:
    """A bleat: a nasal voice with seven to ten tremors a second."""
    base = among(random, variant, (230.0, 320.0, 190.0, 270.0)) * random.uniform(0.96, 1.04)
    seconds = among(random, variant, (0.95, 0.75, 1.2, 0.9))
    calls = among(random, variant, (1, 2, 1, 2))
    formants = [
        Formant(620, 780, 160, 1.0),
        Formant(1450, 1550, 260, 0.7),
        Formant(2600, 2500, 350, 0.45),
        Formant(3700, 3600, 600, 0.2),
    ]
    sound = np.zeros(samples(calls * (seconds + 0.7) + 0.7), dtype=np.float32)
    for number in range(calls):
        count = samples(seconds * random.uniform(0.9, 1.1))
        shake = np.sin(2 * np.pi * random.uniform(7, 10) * clock(count) + random.uniform(0, 6))
        pitch = curve(count, [(0, base * 0.9), (0.2, base * 1.08), (1, base * 0.88)])
        bleat = voice(
            random, pitch * (1 + 0.05 * shake), formants, Throat(5.0, 0.012, 0.12, 60.0, 0.07)
        )
        bleat *= (0.65 + 0.35 * shake) * burst(count, 0.05, 0.2)
        place(sound, 0.03 + number * (seconds + random.uniform(0.35, 0.6)), bleat)
    return room(random, sound, 0.7, 0.18)


def _grunt(random: Generator, base: float, seconds: float) -> Mono:
    count = samples(seconds)
    formants = [
        Formant(480, 360, 200, 1.0),
        Formant(1150, 950, 350, 0.6),
        Formant(2300, 2100, 600, 0.3),
        Formant(3500, 3300, 900, 0.12),
    ]
    pitch = curve(count, [(0, base), (0.4, base * 1.25), (1, base * 0.7)])
    tone = voice(random, pitch, formants, Throat(5.0, 0.08, 0.3, 90.0, 0.3, 0.35))
    snort = breath(random, count, formants)
    return mono((tone + 0.3 * snort) * burst(count, 0.02, seconds * 0.5))


def _squeal(random: Generator, base: float, seconds: float) -> Mono:
    count = samples(seconds)
    formants = [
        Formant(1300, 1500, 500, 1.0),
        Formant(2900, 3100, 700, 0.7),
        Formant(4600, 4600, 1200, 0.35),
    ]
    pitch = curve(count, [(0, base * 0.7), (0.25, base * 1.2), (0.7, base), (1, base * 0.6)])
    return mono(
        voice(random, pitch, formants, Throat(4.0, 0.02, 0.2, 150.0, 0.15, 0.3))
        * burst(count, 0.04, seconds * 0.4)
    )


def pig(random: Generator, variant: int) -> Mono:
    """Low, noisy grunts; every second variant also squeals."""
    base = among(random, variant, (75.0, 95.0, 65.0, 85.0))
    sound = np.zeros(samples(4.4), dtype=np.float32)
    time = 0.04
    while time < 2.9:
        seconds = random.uniform(0.14, 0.34)
        place(
            sound,
            time,
            _grunt(random, base * random.uniform(0.85, 1.2), seconds),
            random.uniform(0.6, 1),
        )
        time += seconds + random.uniform(0.08, 0.45)
    if variant % 2:
        place(sound, time, _squeal(random, random.uniform(700, 950), 0.55), 0.8)
    return room(random, sound, 0.5, 0.2)


def _croak(random: Generator, resonance: float, pulse_rate: float, seconds: float) -> Mono:
    """Pulses that ring in the vocal sac, closer together towards the end."""
    sound = np.zeros(samples(seconds + 0.1), dtype=np.float32)
    ring = modes(
        samples(0.05),
        (resonance, resonance * 1.9, resonance * 2.9),
        (0.022, 0.014, 0.01),
        (1, 0.35, 0.15),
    )
    ring *= swell(len(ring), 0.0015, 1.0)
    time = 0.0
    while time < seconds:
        envelope = np.sin(np.pi * min(1.0, 0.12 + time / seconds * 0.85))
        place(sound, time, ring, float(envelope) * random.uniform(0.8, 1.0))
        time += random.normal(1, 0.04) / (pulse_rate * (0.85 + 0.4 * time / seconds))
    return sound


def frog(random: Generator, variant: int) -> Mono:
    """Croaks of four kinds of frog, each with a second frog answering."""
    resonance = among(random, variant, (900.0, 1700.0, 480.0, 1250.0))
    pulse_rate = among(random, variant, (42.0, 70.0, 30.0, 55.0))
    seconds = among(random, variant, (0.34, 0.2, 0.6, 0.26))
    sound = np.zeros(samples(4.8), dtype=np.float32)
    for neighbour, gain in ((1.0, 1.0), (random.uniform(1.1, 1.3), 0.3)):
        time = random.uniform(0.03, 0.4) if gain < 1 else 0.03
        while time < 3.6:
            croak = _croak(
                random, resonance * neighbour * random.uniform(0.97, 1.03), pulse_rate, seconds
            )
            place(sound, time, croak, gain)
            time += seconds + random.uniform(0.25, 0.75)
    return room(random, bandpass(sound, resonance / 2, resonance * 4), 0.6, 0.25)
