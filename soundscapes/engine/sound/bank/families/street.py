"""Sounds of the street: sirens, horns, fireworks.

Sirens and horns as their generators make them (a swept or switched tone through a horn; two reeds a
third apart); fireworks after Farnell, "Designing Sound", ch. 35 on explosions.
"""

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    burst,
    clock,
    grains,
    highpass,
    lowpass,
    peaking,
    place,
    room,
    samples,
    scatter_grains,
    swell,
    unit,
    white,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono


def _reed(pitch: Mono, brightness: float) -> Mono:
    """A tone rich in harmonics, like that of a horn or a siren's rotor."""
    phase = np.cumsum(2 * np.pi * pitch.astype(np.float64) / SAMPLE_RATE)
    highest = int(0.4 * SAMPLE_RATE / pitch.max())
    sound = np.zeros(len(pitch), dtype=np.float32)
    for harmonic in range(1, min(highest, 24) + 1):
        sound += mono(harmonic ** (-brightness) * np.sin(harmonic * phase))
    return unit(sound)


def siren(random: Generator, variant: int) -> Mono:
    """A two-tone siren, wail, yelp or slow motor siren, passing at a distance."""
    count = samples(8.0)
    time = clock(count)
    cycle = (time * (0.75, 0.2, 3.0, 0.12)[variant] + random.uniform(0, 0.2)) % 1.0
    if variant == 0:
        pitch = np.where(cycle < 0.5, 435.0, 580.0)
    else:
        rise = np.where(cycle < 0.6, cycle / 0.6, (1 - cycle) / 0.4)
        pitch = 600.0 + (800.0, 850.0, 900.0, 200.0)[variant] * np.sqrt(rise)
    passing = 1.03 - 0.06 / (1 + np.exp(-(time - 4.5) * 2))
    tone = _reed(mono(lowpass(mono(pitch * passing), 60.0, 1)), 1.3)
    horn = tone + 0.8 * peaking(tone, 1500.0, 1.2)
    near = 0.35 + 0.65 * np.exp(-(((time - 4.5) / 2.2) ** 2))
    return room(random, mono(horn * near * burst(count, 0.8, 1.5)), 1.6, 0.5, 3500.0)


def car_horn(random: Generator, variant: int) -> Mono:
    """One to three blasts of a pair of horns a third apart."""
    low, high = ((410.0, 510.0), (350.0, 440.0), (440.0, 440.0), (300.0, 375.0))[variant]
    blasts = ((0.5,), (0.25, 0.7), (0.15, 0.15, 0.4), (1.3,))[variant]
    sound = np.zeros(samples(sum(blasts) + 0.25 * len(blasts) + 1.0), dtype=np.float32)
    time = 0.03
    for seconds in blasts:
        count = samples(seconds)
        wobble = 1 + 0.003 * np.sin(2 * np.pi * 6 * clock(count))
        pair = _reed(mono(low * wobble), 0.8) + _reed(mono(high * wobble), 0.8)
        blast = peaking(pair, 1900.0, 1.0) + 0.4 * pair
        place(sound, time, mono(blast * burst(count, 0.015, 0.05)))
        time += seconds + random.uniform(0.12, 0.22)
    return room(random, sound, 1.1, 0.35, 4000.0)


def fireworks(random: Generator, variant: int) -> Mono:
    """A whistling climb, the bang, and falling crackles."""
    sound = np.zeros(samples(6.5), dtype=np.float32)
    for start in ((0.05,), (0.05, 1.6), (0.05, 0.9, 2.2), (0.05, 1.2))[variant]:
        climb = samples(0.8)
        pitch = np.geomspace(random.uniform(900, 1300), random.uniform(2400, 3200), climb)
        whistle = np.sin(np.cumsum(2 * np.pi * pitch / SAMPLE_RATE))
        hiss = 0.4 * unit(highpass(white(random, climb), 2500))
        place(sound, start, mono((whistle + hiss) * burst(climb, 0.3, 0.15)), 0.06)
        bang = samples(1.3)
        blast = unit(lowpass(white(random, bang), 420)) * swell(bang, 0.002, 1.0)
        crack = bandpass(white(random, bang), 500, 5000, 1) * swell(bang, 0.001, 0.25)
        place(sound, start + 0.9, mono(blast + 1.2 * unit(crack) * (np.abs(crack) > 0)))
        rain = samples(2.4)
        times = mono(np.sort(random.gamma(2.0, 0.45, 220)))
        sparks = scatter_grains(
            random, rain, times[times < 2.3], 0.7, grains(random, 200, 2000, 10000, 10)
        )
        place(sound, start + 1.2, unit(sparks), 0.16)
    return room(random, sound, 1.8, 0.5, 2500.0)
