"""Sounds of the house: clocks, keys, doors, glass, a sewing machine.

Small impacts as modes of a light body excited by a click, after K. van den Doel and D. K. Pai, "The
sounds of physical shapes", Presence 1998.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.blends import among
from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    burst,
    lowpass,
    modes,
    octave_noise,
    partial,
    place,
    room,
    samples,
    scatter,
    swell,
    turns,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono, to_ratio

ROOM_TONE = (-3, -4, -5, -8, -12, -16, -20, -22, -32)


def _click(random: Generator, low: float, high: float, seconds: float) -> Mono:
    """A short burst of noise of peak 1 in a band."""
    count = samples(seconds * 1.5)
    noise = bandpass(white(random, count), low, high, 1) * swell(count, 0.0004, seconds)
    return mono(noise / np.abs(noise).max())


def _body(random: Generator, lowest: float, highest: float, number: int, ring: float) -> Mono:
    """The ringing of a small case: modes spread evenly over log frequency."""
    frequencies = np.geomspace(lowest, highest, number) * random.uniform(0.93, 1.07, number)
    decays = ring * (frequencies / lowest) ** -0.4 * random.uniform(0.5, 1.3, number)
    levels = random.uniform(0.3, 1.0, number)
    body = modes(samples(ring * 1.3), list(frequencies), list(decays), list(levels))
    return mono(body / np.abs(body).max())


@dataclass(frozen=True, slots=True)
class Clock:
    """Modes (Hz), tick to tock (s), ring (s), share of the body, level of the room (dB)."""

    lowest: float
    highest: float
    interval: float
    ring: float
    thump: float
    room_db: float


CLOCKS = (
    Clock(900, 3000, 0.5, 0.06, 0.03, -50.0),
    Clock(1100, 4600, 0.4, 0.04, 0.04, -46.0),
    Clock(450, 2600, 1.0, 0.12, 0.08, -54.0),
    Clock(1500, 5600, 0.25, 0.03, 0.04, -48.0),
)
"""A wall clock, an alarm clock, a longcase clock, a watch."""


def _tick(random: Generator, clock: Clock, pitch: float) -> Mono:
    """The pallet drops on a tooth, then the wheel is caught; both are heard through the case."""
    lowest, highest = clock.lowest * pitch, clock.highest * pitch
    tick = np.zeros(samples(clock.ring * 1.5 + 0.1), dtype=np.float32)
    body = _body(random, lowest, highest, 6, clock.ring)
    thump = _body(random, 110, 500, 7, 0.05)
    catch = random.uniform(0.010, 0.022)
    for time, click, ring in ((0.0, 0.3, 0.5), (catch, 0.6, 1.0)):
        place(tick, time, _click(random, lowest, highest, 0.006), click)
        place(tick, time, _click(random, 2500, 11000, 0.003), 0.1 * click)
        place(tick, time, body, ring)
        place(tick, time, thump, clock.thump * ring)
    return tick


def clock_tick(random: Generator, variant: int) -> Mono:
    """A clock in a room; tick and tock differ slightly."""
    clock, seconds = CLOCKS[variant], 14.0
    beats = [_tick(random, clock, pitch) for pitch in (1.0, 0.88)]
    sound = np.zeros(samples(seconds), dtype=np.float32)
    for number in range(int(seconds / clock.interval)):
        late = 0.012 if number % 2 else 0.0
        time = 0.05 + number * clock.interval + late + random.normal(0, 0.0006)
        place(sound, time, beats[number % 2], random.uniform(0.8, 1.0))
    tone = octave_noise(random, len(sound), ROOM_TONE)
    ticking = lowpass(room(random, sound, 0.3, 0.1), 5000, 1)
    return mono(ticking + to_ratio(clock.room_db) * tone)


def _key(random: Generator, case: Mono, depth: float) -> Mono:
    """A key that hits its stop and comes up a moment later."""
    stroke = np.zeros(samples(0.3), dtype=np.float32)
    place(stroke, 0.0, _click(random, 1800, 7500, 0.006), 0.35)
    bottom = random.uniform(0.008, 0.018)
    place(stroke, bottom, _click(random, 900, 6500, 0.012), 0.9)
    place(stroke, bottom, case, depth)
    up = bottom + random.uniform(0.06, 0.11)
    place(stroke, up, _click(random, 1500, 7000, 0.008), random.uniform(0.3, 0.5))
    return stroke


def keyboard_typing(random: Generator, variant: int) -> Mono:
    """Words typed at an uneven pace, separated by thuds of the space bar."""
    seconds = 13.0
    case = _body(random, among(random, variant, (300, 220, 380, 260)), 3200, 10, 0.045)
    pace = among(random, variant, (0.13, 0.17, 0.10, 0.15))
    depth = among(random, variant, (0.3, 0.55, 0.2, 0.4))
    keys = [_key(random, case, depth * random.uniform(0.7, 1.3)) for _ in range(14)]
    space = _key(random, _body(random, 170, 1600, 8, 0.07), depth * 2)
    sound = np.zeros(samples(seconds), dtype=np.float32)
    time = 0.08
    while time < seconds - 0.4:
        for _ in range(int(random.integers(2, 9))):
            place(sound, time, keys[int(random.integers(len(keys)))], random.lognormal(-0.1, 0.3))
            time += pace * random.lognormal(0, 0.35)
        place(sound, time, space, random.uniform(0.8, 1.1))
        time += pace * random.uniform(1.0, 2.5) + (0.6 if random.random() < 0.15 else 0)
    tone = octave_noise(random, len(sound), ROOM_TONE)
    return mono(room(random, sound, 0.3, 0.2) + to_ratio(-48) * tone)


def door_wood_knock(random: Generator, variant: int) -> Mono:
    """Knuckles on a door: a panel that booms briefly."""
    knocks = among(random, variant, (3, 4, 2, 5))
    gap = among(random, variant, (0.24, 0.18, 0.34, 0.16))
    lowest = among(random, variant, (140.0, 190.0, 110.0, 160.0))
    sound = np.zeros(samples(knocks * gap + 1.2), dtype=np.float32)
    for number in range(knocks):
        panel = _body(random, lowest, 1400, 9, 0.11)
        time = 0.03 + number * gap * random.normal(1, 0.02)
        place(sound, time, panel, random.uniform(0.8, 1.0))
        place(sound, time, _click(random, 250, 2600, 0.012), 0.5)
    return room(random, sound, 0.6, 0.3, 2500.0)


def mouse_click(random: Generator, variant: int) -> Mono:
    sound = np.zeros(samples(3.0), dtype=np.float32)
    case = _body(random, among(random, variant, (900.0, 1300.0, 700.0, 1100.0)), 5200, 8, 0.018)
    time = 0.05
    while time < 2.6:
        for delay, level in ((0.0, 1.0), (random.uniform(0.07, 0.12), 0.6)):
            place(sound, time + delay, _click(random, 1500, 8000, 0.004), 0.7 * level)
            place(sound, time + delay, case, 0.5 * level)
        time += random.choice((0.22, 0.6, 0.9))
    return room(random, sound, 0.2, 0.12)


BELLS = {3: (1900.0, 17.0), 7: (1350.0, 11.0)}
"""Lowest mode (Hz) and blows a second, by variant."""

BEEPS = {
    0: (2048.0, 4, 0.95),
    1: (2730.0, 4, 0.95),
    2: (1020.0, 4, 0.95),
    4: (3100.0, 2, 0.6),
    5: (1480.0, 3, 1.2),
    6: (880.0, 1, 0.5),
}
"""Pitch (Hz), beeps in a group and groups' distance (s), by variant."""


def clock_alarm(random: Generator, variant: int) -> Mono:
    """Electronic beeps in groups, or a bell with a hammer."""
    sound = np.zeros(samples(4.2), dtype=np.float32)
    if variant in BELLS:
        lowest, rate = BELLS[variant]
        bell = _body(random, lowest, 9000, 8, 0.35)
        for time in np.arange(0.03, 2.8, 1 / rate):
            place(sound, float(time), bell, random.uniform(0.7, 1.0))
        return room(random, sound, 0.4, 0.2)
    pitch, beeps, pause = BEEPS[variant]
    beep = modes(samples(0.07), (pitch, pitch * 3, pitch * 5), (9.0,) * 3, (1, 0.3, 0.12))
    beep *= burst(len(beep), 0.003, 0.004)
    for group in np.arange(0.03, 3.4, pause):
        for number in range(beeps):
            place(sound, float(group) + 0.13 * number, beep)
    return room(random, sound, 0.3, 0.15)


def glass_breaking(random: Generator, variant: int) -> Mono:
    """An impact, then shards that ring as they fall, fewer and smaller over time."""
    sound = np.zeros(samples(2.6), dtype=np.float32)
    place(sound, 0.02, _click(random, 400, 9000, 0.05), 1.0)
    lowest = among(random, variant, (1800.0, 1200.0, 2600.0, 1500.0))
    for time in np.sort(random.gamma(1.3, 0.22, among(random, variant, (45, 70, 30, 55)))):
        shard = _body(
            random, lowest * random.uniform(0.8, 3.0), 13000, 5, random.uniform(0.03, 0.25)
        )
        place(sound, 0.03 + float(time), shard, 0.5 * random.lognormal(-1.2 * float(time), 0.5))
    return room(random, sound, 0.6, 0.2, 8000.0)


@dataclass(frozen=True, slots=True)
class Seam:
    """Stitches a second, runs and pauses (s), the motor's pitch at full speed (Hz) and share, share
    of the needle bar's clack, its lowest mode (Hz) and ring (s).
    """

    stitches: float
    runs: tuple[float, ...]
    pause: float
    motor: float
    whine: float
    clack: float
    lowest: float
    ring: float


SEAMS = (
    Seam(11.0, (2.6, 1.8), 0.6, 190.0, 0.35, 1.0, 420.0, 0.03),
    Seam(15.0, (4.2,), 0.5, 260.0, 0.5, 0.8, 600.0, 0.02),
    Seam(4.5, (3.0, 2.2), 0.9, 0.0, 0.0, 1.0, 260.0, 0.05),
    Seam(8.0, (0.9, 1.2, 0.7, 1.4), 0.5, 150.0, 0.3, 1.0, 480.0, 0.025),
    Seam(24.0, (3.5,), 0.4, 340.0, 0.8, 0.6, 700.0, 0.015),
    Seam(2.2, (4.5,), 0.5, 90.0, 0.15, 1.2, 350.0, 0.04),
    Seam(13.0, (1.2, 3.0), 1.0, 220.0, 0.25, 1.3, 300.0, 0.045),
    Seam(6.0, (2.0, 0.6, 1.9), 0.7, 0.0, 0.0, 1.0, 380.0, 0.06),
)
"""A household machine, a quick hem, a treadle, short seams, an industrial one, the handwheel, an
old electric one, a hand crank."""


def sewing_machine(random: Generator, variant: int) -> Mono:
    """Runs of stitches: needle bar down and up, the feed between them, over the motor's whine."""
    seam = SEAMS[variant]
    sound = np.zeros(samples(sum(seam.runs) + seam.pause * len(seam.runs) + 0.6), np.float32)
    blows = [_blow(random, seam, ratio) for ratio in (1.0, 1.45, 0.7)]
    time = 0.05
    for seconds in seam.runs:
        place(sound, time, _run(random, seam, seconds, blows))
        time += seconds + seam.pause * random.uniform(0.7, 1.3)
    return room(random, sound, 0.4, 0.2, 3500.0)


def _blow(random: Generator, seam: Seam, ratio: float) -> Mono:
    body = _body(random, seam.lowest * ratio, seam.lowest * ratio * 11, 9, seam.ring)
    click = _click(random, 1800, 7000, 0.004)
    place(body, 0.0, click, 0.5)
    return mono(body / np.abs(body).max())


def _run(random: Generator, seam: Seam, seconds: float, blows: list[Mono]) -> Mono:
    """One seam: the machine gets up speed, sews and stops."""
    count = samples(seconds)
    speed = burst(count, 0.25 * seconds**0.5, 0.15) * wander(random, count, 1.5, 0.9, 1.05)
    turned = turns(mono(seam.stitches * np.maximum(speed, 0.02)))
    sound = np.zeros(count, dtype=np.float32)
    for blow, phase, level in zip(blows, (0.0, 0.45, 0.72), (1.0, 0.7, 0.4), strict=True):
        at = np.flatnonzero(np.diff(np.floor(turned + phase)) > 0)
        levels = mono(level * random.lognormal(0, 0.15, len(at)) * speed[at])
        sound += seam.clack * scatter(count, mono(at / SAMPLE_RATE), levels, blow)
    if seam.motor:
        shaft = turns(mono(seam.motor * np.maximum(speed, 0.02)))
        whine = sum(partial(shaft, k) / k**0.7 for k in (1, 2, 3, 5, 8, 13))
        sound += 0.08 * seam.whine * unit(mono(whine)) * speed
    gears = bandpass(white(random, count), 600, 5000, 1) * speed * 0.05
    return mono((sound + gears) * burst(count, 0.03, 0.05))
