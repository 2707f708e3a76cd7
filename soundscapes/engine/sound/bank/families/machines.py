"""Engines of all kinds: trains, cars, aircraft, saws, household machines.

Engines after Farnell, "Designing Sound", ch. 45, and S. Baldan et al., "Physically informed car
engine sound synthesis", SIVE 2015 (combustion pulses through the resonances of the exhaust); the
train is wheels over rail joints (Farnell ch. 43); jets are broadband noise under a whine.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    clock,
    lowpass,
    modes,
    octave_noise,
    partial,
    peaking,
    place,
    room,
    samples,
    smooth_curve,
    swell,
    turns,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono

SECONDS = 20.0


def _joint(random: Generator) -> Mono:
    """A wheel over a rail joint: the thud of the sleeper and a short clank of the rail."""
    size = samples(0.22)
    thud = lowpass(white(random, size), 160) * swell(size, 0.004, 0.2)
    clank = bandpass(white(random, size), 700, 3500, 1) * swell(size, 0.001, 0.06)
    ring = modes(size, (420, 890, 1530, 2380), (0.12, 0.09, 0.06, 0.04), (0.5, 0.4, 0.3, 0.15))
    return mono(unit(thud) + 0.35 * unit(clank) + 0.3 * unit(ring))


def train(random: Generator, variant: int) -> Mono:
    """Rolling, rumbling wheels, with a double beat of every carriage on the joints."""
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
    """Pulses at the firing rate; differences between the cylinders give the beat."""
    phase = np.cumsum(rate.astype(np.float64) / SAMPLE_RATE)
    numbers = np.floor(phase).astype(np.int64)
    strokes = random.normal(1, 0.10, int(numbers[-1]) + 1)
    strokes *= np.resize(random.uniform(0.75, 1.25, cylinders), len(strokes))
    within = (phase - numbers).astype(np.float32)
    pulse = np.exp(-within * 9) - np.exp(-within * 60)
    return mono(strokes[numbers].astype(np.float32) * pulse)


def engine(random: Generator, variant: int) -> Mono:
    """An idling car, a diesel, a motorcycle and a tractor."""
    count = samples(18.0)
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
    """Jets overhead; the last two variants are propeller planes. The pitch falls as they pass."""
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


@dataclass(frozen=True, slots=True)
class Helicopter:
    """Blade passes a second, sharpness and share of their slap, octave levels of the rotor's noise,
    and the shares of the tail rotor's drone and of the turbine.
    """

    rate: float
    sharpness: float
    slap: float
    wash: tuple[float, ...]
    tail: float
    turbine: float


HELICOPTERS = (
    Helicopter(10.8, 9.0, 0.9, (-4, -1, 0, -3, -8, -16, -26, -42, -64), 0.25, 0.02),
    Helicopter(18.0, 4.0, 0.4, (-4, -1, 0, -2, -7, -13, -20, -33, -52), 0.35, 0.12),
    Helicopter(13.5, 5.0, 0.8, (0, -1, -3, -9, -18, -28, -38, -50, -66), 0.30, 0.0),
    Helicopter(15.5, 6.0, 0.6, (-3, -1, 0, -3, -9, -16, -24, -38, -60), 0.45, 0.04),
)
"""An old two-blade helicopter, a turbine close by, one far away, one that hovers."""


def _gusty(
    random: Generator, count: int, levels: tuple[float, ...], rate: float, low: float
) -> Mono:
    """Modulate low, middle and high octave noise separately, like turbulence.

    `rate` is in turns a second; `low` is the lowest level.
    """
    noise = octave_noise(random, count, levels)
    bass = lowpass(noise, 400.0, 1)
    treble = noise - lowpass(noise, 2000.0, 1)
    parts = (bass, noise - bass - treble, treble)
    return mono(sum(part * wander(random, count, rate, low, 1.2) for part in parts))


def helicopter(random: Generator, variant: int) -> Mono:
    """Blade slaps at the passing rate over the drone of tail rotor and turbine.

    The slap is blade-vortex interaction (F. H. Schmitz, "Rotor noise", NASA RP-1258, 1991): a sharp
    low pulse at every blade pass. The tail rotor turns about five times as fast.
    """
    kind, count = HELICOPTERS[variant], samples(SECONDS)
    rate = kind.rate * wander(random, count, 0.4, 0.985, 1.015)
    turned = turns(mono(rate))
    within = (turned % 1.0).astype(np.float32)
    strengths = random.lognormal(0, 0.15, int(turned[-1]) + 2).astype(np.float32)
    slap = (
        np.exp(-within * kind.sharpness)
        * np.minimum(1, within / 0.06)
        * strengths[turned.astype(np.int64)]
    )
    pulse = mono(slap - slap.mean())
    thump = peaking(pulse, 75.0, 1.2) + 0.7 * peaking(pulse, 170.0, 1.5)
    thump += 0.5 * peaking(pulse, 420.0, 1.5)
    chopped = _gusty(random, count, kind.wash, 5.0, 0.2) * (0.55 + 0.6 * slap)
    tail = np.zeros(count, dtype=np.float32)
    for number in range(1, 14):
        tail += np.float32(random.uniform(0.4, 1.0) / number) * partial(turned, 5.3 * number)
    whine = np.zeros(count, dtype=np.float32)
    for pitch in random.uniform(1800, 7500, 5):
        whine += np.float32(random.uniform(0.3, 1.0)) * partial(turned, pitch / kind.rate)
    hiss = octave_noise(random, count, (-30, -20, -12, -6, -2, 0, -1, -9, -26))
    sound = kind.slap * unit(thump) + unit(chopped) + kind.tail * unit(tail)
    sound += kind.turbine * (hiss + 0.6 * unit(whine)) * wander(random, count, 1.0, 0.7, 1.1)
    near = wander(random, count, 0.25, 0.5, 1.0)
    return room(random, mono(sound * near), 0.4, 0.3, 3000.0)


@dataclass(frozen=True, slots=True)
class Chainsaw:
    """Revolutions a second at full speed, and relative speed over sixteen seconds."""

    rate: float
    throttle: tuple[float, ...]


CHAINSAWS = (
    Chainsaw(150.0, (0.5, 0.5, 0.95, 0.9, 0.5, 0.45, 1.0, 0.85, 0.8, 0.5, 0.5, 0.95, 0.6)),
    Chainsaw(180.0, (0.5, 0.95, 0.9, 0.92, 0.55, 0.9, 0.95, 0.6, 0.5, 0.8, 0.95, 0.9, 0.5)),
    Chainsaw(125.0, (0.95, 0.75, 0.6, 0.7, 0.95, 0.5, 0.55, 0.9, 0.75, 0.6, 0.85, 0.95, 0.9)),
    Chainsaw(165.0, (0.45, 1.0, 0.5, 1.0, 0.9, 0.5, 0.45, 0.55, 1.0, 0.5, 0.95, 0.5, 0.45)),
)
"""Felling, clearing branches, cutting a trunk under load, blipping the throttle."""


def chainsaw(random: Generator, variant: int) -> Mono:
    """A two-stroke fires once a turn, so its speed is its pitch; the chain rasps over it."""
    count = samples(16.0)
    kind = CHAINSAWS[variant]
    places = np.linspace(0, 1, len(kind.throttle))
    speeds = np.asarray(kind.throttle) * random.uniform(0.94, 1.06, len(kind.throttle))
    opened = smooth_curve(count, list(zip(places, speeds, strict=True)))
    rate = kind.rate * opened * wander(random, count, 5.0, 0.985, 1.015)
    pulses = _combustion(random, mono(rate), 1)
    tone = 0.3 * peaking(pulses, 130.0, 1.0)
    for frequency in np.exp(random.uniform(np.log(250), np.log(5000), 7)):
        tone += random.uniform(0.6, 1.4) * peaking(pulses, float(frequency), 1.2)
    rasp = octave_noise(random, count, (-20, -10, -5, -3, -2, -1, 0, -7, -22))
    rasp *= np.abs(pulses) + 0.3
    grit = _gusty(random, count, (1, 0, -2, -5, -8, -12, -16, -24, -38), 3.0, 0.45)
    sound = unit(tone * (0.15 + opened**2)) + 0.4 * unit(rasp * opened**4) + 0.08 * grit
    return room(random, mono(sound), 0.6, 0.5, 5000.0)


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


@dataclass(frozen=True, slots=True)
class Wash:
    """Turns a second, turning and rest (s), motor (Hz), shares of motor, load and water."""

    turns: float
    going: float
    resting: float
    motor: float
    hum: float
    load: float
    water: float


WASHES = (
    Wash(0.85, 5.0, 1.2, 240.0, 0.35, 0.7, 0.6),
    Wash(1.05, 3.5, 0.8, 300.0, 0.45, 0.5, 0.9),
    Wash(0.70, 7.0, 1.6, 180.0, 0.30, 0.9, 0.4),
    Wash(13.0, 99.0, 0.0, 620.0, 0.70, 0.5, 0.05),
)
"""A quilt, shirts in much water, shoes, and the spin cycle."""


def washing_machine(random: Generator, variant: int) -> Mono:
    """The drum turns, drops its load, rests and reverses; the motor's pitch follows its speed.

    The spin cycle is only motor and imbalance.
    """
    kind, count = WASHES[variant], samples(18.0)
    cycle = (clock(count) + random.uniform(0, kind.going)) % (kind.going + kind.resting)
    speed = np.clip(np.minimum(cycle, kind.going - cycle) / 0.5, 0.0, 1.0)
    speed = mono(speed * wander(random, count, 1.5, 0.97, 1.03))
    turned = turns(mono(kind.motor * np.maximum(speed, 0.02)))
    motor = np.zeros(count, dtype=np.float32)
    for number in (1, 2, 3, 4, 6, 8, 12):
        motor += np.float32(random.uniform(0.3, 1.0) / number**0.8) * partial(turned, number)
    mains = modes(count, (100, 200, 300, 400), (900,) * 4, (1, 0.4, 0.3, 0.15))
    drum = turns(mono(kind.turns * np.maximum(speed, 0.001)))
    falls = np.flatnonzero(np.diff(np.floor(drum)) > 0)
    load = np.zeros(count, dtype=np.float32)
    for fall in falls:
        size = samples(min(0.45, 2.5 / kind.turns))
        thud = lowpass(white(random, size), random.uniform(110, 320))
        late = random.normal(0, 0.05) / kind.turns
        weight = random.uniform(0.4, 1.0) if kind.turns < 2 else random.uniform(0.85, 1.0)
        place(
            load, max(0.0, fall / SAMPLE_RATE + late), unit(thud * swell(size, 0.02, 0.3)), weight
        )
    slosh = octave_noise(random, count, (-14, -8, -4, 0, -1, -4, -9, -16, -30))
    tide = 0.5 + 0.5 * np.sin(2 * np.pi * (drum + wander(random, count, 0.7, -0.2, 0.2)))
    slosh *= mono((0.15 + tide * speed) * wander(random, count, 3.0, 0.4, 1.0))
    rumble = octave_noise(random, count, (0, -2, -5, -9, -14, -19, -25, -33, -45))
    sound = kind.hum * unit(motor * speed) + 0.08 * unit(mains) + kind.load * unit(load)
    return room(random, mono(sound + kind.water * unit(slosh) + 0.35 * rumble), 0.3, 0.2)
