"""Engines of all kinds: trains, cars, aircraft, saws, household machines.

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
    room,
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


def helicopter(random: Generator, variant: int) -> Mono:
    """Blades pass at their rate and slap; the turbine hisses and whines behind them.

    The slap is blade-vortex interaction (F. H. Schmitz, "Rotor noise", NASA RP-1258, 1991): a sharp
    low pulse at every passing of a blade.
    """
    count = samples(SECONDS)
    rate = (11.0, 17.0, 23.0, 14.0)[variant] * wander(random, count, 0.4, 0.985, 1.015)
    phase = np.cumsum(rate.astype(np.float64) / SAMPLE_RATE)
    within = phase % 1.0
    slap = mono(np.exp(-within * (7.0, 5.0, 4.0, 9.0)[variant]))
    near = wander(random, count, 0.25, 0.4, 1.0)
    thump = unit(
        peaking(slap - slap.mean(), 75.0, 1.2) + 0.6 * peaking(slap - slap.mean(), 180.0, 1.5)
    )
    chopped = octave_noise(random, count, (-3, 0, -2, -5, -9, -14, -23, -36, -55))
    chopped *= 0.45 + slap
    turbine = octave_noise(random, count, (-30, -20, -12, -6, -2, 0, -4, -12, -30))
    whine = np.sin(
        2 * np.pi * np.cumsum(random.uniform(1700, 2600) * rate / rate.mean()) / SAMPLE_RATE
    )
    levels = ((0.8, 0.03), (0.7, 0.06), (0.6, 0.10), (0.9, 0.02))[variant]
    sound = levels[0] * thump + unit(chopped) + levels[1] * (turbine + 0.2 * whine)
    return room(random, mono(sound * near), 0.6, 0.6, 3000.0)


def chainsaw(random: Generator, variant: int) -> Mono:
    """A two-stroke that idles, is opened up, and labours in the wood."""
    count = samples(10.0)
    places = np.linspace(0.06, 0.9, 6) + random.uniform(-0.04, 0.06, 6)
    speeds = np.tile((0.58, 1.0), 3) * random.uniform(0.85, 1.08, 6)
    opened = smooth_curve(count, [(0, 0.55), *zip(places, speeds, strict=True), (1, 0.55)])
    rate = (135.0, 160.0, 115.0, 148.0)[variant] * opened * wander(random, count, 9.0, 0.97, 1.03)
    pulses = _combustion(random, rate, 1)
    tone = peaking(pulses, 260.0, 1.5) + 0.9 * peaking(pulses, 620.0, 2.0)
    tone += 0.8 * peaking(pulses, 1300.0, 2.0) + 0.25 * pulses
    rasp = octave_noise(random, count, (-24, -16, -8, -4, -2, 0, -2, -7, -20))
    rasp *= np.abs(pulses) + 0.12
    sound = unit(tone) * (0.1 + 0.9 * opened**2) + 0.25 * unit(rasp * opened**2)
    return room(random, mono(sound), 0.7, 0.6, 5000.0)


def vacuum_cleaner(random: Generator, variant: int) -> Mono:
    """The whine of a universal motor in a rush of air."""
    count = samples(SECONDS)
    air = octave_noise(random, count, (-16, -10, -6, -3, 0, -1, -4, -10, -24))
    pitch = (410.0, 520.0, 330.0, 460.0)[variant] * wander(random, count, 0.6, 0.985, 1.01)
    phase = np.cumsum(2 * np.pi * pitch.astype(np.float64) / SAMPLE_RATE)
    motor = np.zeros(count, dtype=np.float32)
    for harmonic in (0.5, 1, 2, 3, 4, 6, 8, 11):
        level = random.uniform(0.3, 1.0) * max(harmonic, 1) ** -0.7
        motor += mono(level * np.sin(harmonic * phase + random.uniform(0, 6)))
    sweep = wander(random, count, 0.9, 0.8, 1.1)
    return mono(air * sweep + (0.4, 0.3, 0.5, 0.35)[variant] * unit(motor))


def washing_machine(random: Generator, variant: int) -> Mono:
    """The drum turns and drops its load; the water sloshes; the motor hums at twice the mains."""
    count = samples(SECONDS)
    hum = modes(count, (100, 200, 300, 400, 600), (900,) * 5, (1, 0.5, 0.35, 0.2, 0.1))
    period = (1.15, 0.95, 1.4, 0.35)[variant]
    drum = np.zeros(count, dtype=np.float32)
    time = 0.1
    while time < SECONDS - 0.5:
        size = samples(0.4)
        thud = lowpass(white(random, size), random.uniform(120, 260)) * swell(size, 0.02, 0.35)
        place(drum, time, unit(mono(thud)), random.uniform(0.6, 1.0))
        time += period * random.normal(1, 0.05)
    slosh = octave_noise(random, count, (-14, -8, -4, 0, -1, -4, -9, -16, -30))
    slosh *= wander(random, count, 1 / period, 0.05, 1.0) ** 2
    rumble = octave_noise(random, count, (0, -2, -5, -9, -14, -19, -25, -33, -45))
    return mono(0.35 * unit(hum) + 0.6 * drum + 0.45 * unit(slosh) + 0.5 * rumble)


RECIPES = {
    "airplane": airplane,
    "chainsaw": chainsaw,
    "engine": engine,
    "helicopter": helicopter,
    "train": train,
    "vacuum_cleaner": vacuum_cleaner,
    "washing_machine": washing_machine,
}
