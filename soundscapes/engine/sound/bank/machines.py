"""Trains, engines and aeroplanes.

Engines after Farnell, "Designing Sound", ch. 45, and S. Baldan et al., "Physically informed car
engine sound synthesis", SIVE 2015 (combustion pulses through the resonances of the exhaust); the
train is wheels over rail joints (Farnell ch. 43); jets are broadband noise under a whine.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    clock,
    lowpass,
    modes,
    octave_noise,
    peaking,
    place,
    samples,
    smooth_curve,
    swell,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono

SECONDS = 16.0


def _joint(random: Generator) -> Mono:
    """A wheel over a rail joint: a thud of the sleeper and a short clank of the rail."""
    size = samples(0.22)
    thud = lowpass(white(random, size), 160) * swell(size, 0.004, 0.2)
    clank = bandpass(white(random, size), 700, 3500, 1) * swell(size, 0.001, 0.06)
    ring = modes(size, (420, 890, 1530, 2380), (0.12, 0.09, 0.06, 0.04), (0.5, 0.4, 0.3, 0.15))
    return mono(unit(thud) + 0.35 * unit(clank) + 0.3 * unit(ring))


def train(random: Generator, variant: int) -> Mono:
    """Wheels roll and rumble, and every carriage beats its da-dum, da-dum on the joints."""
    count = samples(SECONDS)
    rolling = octave_noise(
        random,
        count,
        (
            (-2, 0, -2, -5, -8, -12, -18, -26, -40),
            (0, -1, -4, -7, -9, -12, -17, -25, -40),
            (-4, -1, 0, -3, -5, -9, -14, -22, -36),
            (-2, 0, -3, -4, -7, -10, -16, -24, -38),
        )[variant],
    )
    rolling *= wander(random, count, 4.0, 0.8, 1.15)
    speed = (17.0, 12.0, 24.0, 15.0)[variant]
    carriage, wheelbase, bogies = 20.0, 2.5, 14.0
    joints = np.zeros(count, dtype=np.float32)
    thuds = [_joint(random) for _ in range(6)]
    time = 0.05
    while time < SECONDS:
        for axle in (0.0, wheelbase, bogies, bogies + wheelbase):
            level = random.uniform(0.7, 1.0)
            place(joints, time + axle / speed, thuds[int(random.integers(6))], level)
        time += carriage / speed
    squeal = peaking(white(random, count), random.uniform(1900, 2900), 90.0)
    squeal *= np.maximum(0, wander(random, count, 0.6, -1.2, 1.0))
    return mono(rolling + (0.55, 0.8, 0.4, 0.65)[variant] * joints + 0.05 * unit(squeal))


def _combustion(random: Generator, rate: Mono, cylinders: int) -> Mono:
    """Pulses at the firing rate; no two cylinders are quite alike, and that is the beat."""
    phase = np.cumsum(rate.astype(np.float64) / SAMPLE_RATE)
    numbers = np.floor(phase).astype(np.int64)
    strokes = random.normal(1, 0.10, int(numbers[-1]) + 1)
    strokes *= np.resize(random.uniform(0.75, 1.25, cylinders), len(strokes))
    within = (phase - numbers).astype(np.float32)
    pulse = np.exp(-within * 9) - np.exp(-within * 60)
    return mono(strokes[numbers].astype(np.float32) * pulse)


def engine(random: Generator, variant: int) -> Mono:
    """An idling car, a diesel, a motorcycle and a tractor."""
    count = samples(SECONDS)
    rate = (28.0, 24.0, 21.0, 16.0)[variant] * wander(random, count, 0.8, 0.965, 1.035)
    if variant == 2:
        rate *= smooth_curve(count, [(0, 1), (0.3, 1), (0.4, 2.4), (0.55, 1.3), (0.7, 1), (1, 1)])
    pulses = _combustion(random, rate, (4, 6, 2, 3)[variant])
    tract = ((85, 190, 420, 900), (70, 150, 330, 760), (110, 260, 560, 1300), (60, 140, 300, 650))
    exhaust = np.zeros(count, dtype=np.float32)
    for frequency, level in zip(tract[variant], (0.6, 1.0, 1.3, 1.3), strict=True):
        exhaust += level * peaking(pulses, float(frequency), 2.0)
    gas = white(random, count) * np.abs(pulses)
    clatter = bandpass(gas, 500, 3800, 1)
    hiss = octave_noise(random, count, (-8, -6, -4, -2, 0, -3, -8, -14, -28))
    levels = ((0.22, 0.06), (0.40, 0.07), (0.30, 0.04), (0.32, 0.05))[variant]
    return mono(unit(exhaust) + levels[0] * unit(clatter) + levels[1] * hiss)


def airplane(random: Generator, variant: int) -> Mono:
    """Jets overhead; the last two are propeller planes. The pitch sinks as they pass by."""
    count = samples(SECONDS)
    passing = smooth_curve(count, [(0, 0.35), (0.45, 1), (0.6, 0.9), (1, 0.35)])
    doppler = smooth_curve(count, [(0, 1.07), (0.4, 1.05), (0.62, 0.96), (1, 0.94)])
    roar = octave_noise(random, count, (-3, 0, -1, -4, -8, -14, -22, -34, -50))
    near = octave_noise(random, count, (-14, -9, -5, -1, 0, -4, -11, -22, -40))
    flutter = wander(random, count, 7.0, 0.75, 1.15)
    sound = roar * passing * flutter + 0.5 * near * passing**3
    time = clock(count).astype(np.float64)
    if variant < 2:
        pitch = random.uniform(1500, 2400) * doppler
        phase = np.cumsum(2 * np.pi * pitch.astype(np.float64) / SAMPLE_RATE)
        whine = np.sin(phase) + 0.5 * np.sin(1.53 * phase) + 0.3 * np.sin(2.04 * phase)
        return mono(sound + 0.06 * unit(whine.astype(np.float32) * passing**2 * flutter))
    blades = random.uniform(72, 95) * doppler * (1 + 0.004 * np.sin(2 * np.pi * 0.7 * time))
    pulses = _combustion(random, blades.astype(np.float32), 2)
    drone = unit(peaking(pulses, 170, 1.5) + 0.7 * peaking(pulses, 420, 2.0) + 0.3 * pulses)
    return mono(0.45 * sound + drone * passing)


RECIPES = {"airplane": airplane, "engine": engine, "train": train}
