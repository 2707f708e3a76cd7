"""Sounds of daily life: breath, laughter, the bathroom, tools and lids.

Friction as stick-slip pulses through a body (F. Avanzini, S. Serafin and D. Rocchesso, "Interactive
simulation of rigid body interaction with friction-induced sound generation", IEEE TSAP 2005; doors
after Farnell, "Designing Sound", ch. 32); laughter after J.-A. Bachorowski et al., "The acoustic
features of human laughter", JASA 2001 (notes of voiced breath, about five a second).
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.blends import among
from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    burst,
    curve,
    grains,
    highpass,
    howling,
    lowpass,
    modes,
    octave_noise,
    partial,
    peaking,
    place,
    poisson_times,
    room,
    samples,
    scatter,
    scatter_grains,
    smooth_curve,
    swell,
    turns,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.bank.voice import Formant, Throat, breath, voice
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono

OPEN_MOUTH = (
    Formant(700, 650, 250, 1.0),
    Formant(1250, 1200, 300, 0.6),
    Formant(2600, 2500, 500, 0.35),
    Formant(3900, 3800, 900, 0.2),
)


def breathing(random: Generator, variant: int) -> Mono:
    sound = np.zeros(samples(6.0), dtype=np.float32)
    pace = among(random, variant, (1.3, 1.0, 1.6, 0.8))
    time = 0.05
    for number in range(int(5.2 / (1.25 * pace))):
        count = samples(pace * (0.9 if number % 2 == 0 else 1.05))
        shift = (1.25, 0.95)[number % 2]
        tract = [Formant(f.start * shift, f.end * shift, f.bandwidth, f.level) for f in OPEN_MOUTH]
        air = breath(random, count, tract) + 0.25 * unit(highpass(white(random, count), 2500))
        level = curve(count, [(0, 0), (0.35, 1), (0.6, 0.8), (1, 0)])
        place(sound, time, mono(air * level), (0.8, 1.0)[number % 2])
        time += 1.25 * pace
    return room(random, sound, 0.25, 0.1)


def snoring(random: Generator, variant: int) -> Mono:
    """A fluttering palate on each breath in, air or a puff on each breath out.

    After D. Pevernagie, R. M. Aarts and M. De Meyer, "The acoustics of snoring", Sleep Medicine
    Reviews 2010.
    """
    sound = np.zeros(samples(8.0), dtype=np.float32)
    rate = among(random, variant, (38.0, 55.0, 28.0, 75.0))
    tract = [
        Formant(220, 280, 120, 1.0),
        Formant(520, 560, 200, 0.6),
        Formant(1100, 1150, 350, 0.25),
        Formant(2300, 2300, 700, 0.06),
    ]
    time = 0.05
    while time < 4.5:
        count = samples(random.uniform(1.0, 1.7))
        pitch = curve(count, [(0, rate * 0.85), (0.6, rate * 1.2), (1, rate * 0.95)])
        rough = Throat(2.0, 0.06, 0.35, 25.0, 0.15, among(random, variant, (0.1, 0.3, 0.6, 0.2)))
        snore = lowpass(voice(random, pitch, tract, rough), 2600.0, 1)
        swelling = curve(count, [(0, 0), (0.35, 0.6), (0.75, 1), (0.93, 0.7), (1, 0)])
        place(sound, time, mono(snore * swelling), random.uniform(0.7, 1.0))
        time += count / SAMPLE_RATE + random.uniform(0.25, 0.5)
        out = samples(random.uniform(0.7, 1.2))
        air = breath(random, out, OPEN_MOUTH) * burst(
            out, among(random, variant, (0.3, 0.05, 0.4, 0.1)), 0.5
        )
        place(sound, time, mono(air), among(random, variant, (0.10, 0.25, 0.06, 0.15)))
        time += out / SAMPLE_RATE + random.uniform(0.3, 0.7)
    return room(random, sound, 0.35, 0.15, 2500.0)


@dataclass(frozen=True, slots=True)
class Laugh:
    """Pitch and first two formants (Hz), tract relative to a man's, notes, their length, breath."""

    base: float
    tract: float
    vowel: tuple[float, float]
    notes: int
    seconds: float
    breath: float


LAUGHS = (
    Laugh(165.0, 1.0, (730, 1150), 7, 0.12, 0.25),
    Laugh(310.0, 0.86, (560, 1750), 9, 0.09, 0.15),
    Laugh(420.0, 0.75, (700, 1500), 6, 0.13, 0.10),
    Laugh(115.0, 1.05, (600, 1050), 5, 0.10, 0.70),
)
"""A man, a giggling woman, a child, and an almost voiceless chuckle."""


def _note(random: Generator, laugh: Laugh, fall: float) -> Mono:
    """One "ha": breath first, then the voice with an arched pitch."""
    first, second = (each / laugh.tract for each in laugh.vowel)
    formants = [
        Formant(first, first * 0.95, 130, 1.0),
        Formant(second, second * 0.97, 200, 0.55),
        Formant(2650 / laugh.tract, 2600 / laugh.tract, 300, 0.22),
        Formant(3700 / laugh.tract, 3700 / laugh.tract, 500, 0.12),
    ]
    count = samples(laugh.seconds * random.uniform(0.8, 1.3))
    base = laugh.base * fall * random.uniform(0.94, 1.06)
    pitch = smooth_curve(count, [(0, base * 1.1), (0.35, base * 1.35), (1, base * 0.95)])
    tone = voice(random, pitch, formants, Throat(7.0, 0.006, 0.08, 30.0, 0.05))
    air = breath(random, count, formants)
    note = np.zeros(count + samples(0.05), dtype=np.float32)
    place(note, 0.0, mono(air * burst(count, 0.02, 0.06)), 0.15 + laugh.breath)
    place(note, 0.035, tone * burst(count, 0.02, 0.05), 1.0 - 0.8 * laugh.breath)
    return lowpass(note, 6500.0 / laugh.tract, 1)


def laughing(random: Generator, variant: int) -> Mono:
    """Two bouts of notes that fall and slow down, with a breath in between."""
    laugh = among(random, variant, LAUGHS)
    sound = np.zeros(samples(2 * laugh.notes * 0.26 + 2.2), dtype=np.float32)
    time = 0.03
    for bout in (laugh.notes, max(3, laugh.notes // 2)):
        for number in range(bout):
            fall = 1.1 - 0.4 * number / bout
            note = _note(random, laugh, fall)
            place(sound, time, note, fall * random.uniform(0.7, 1.0))
            time += random.uniform(0.16, 0.21) * (1 + 0.25 * number / bout)
        drawn = samples(random.uniform(0.3, 0.5))
        air = breath(random, drawn, OPEN_MOUTH) * burst(drawn, 0.15, 0.1)
        place(sound, time + 0.08, mono(air), 0.12)
        time += drawn / SAMPLE_RATE + random.uniform(0.15, 0.3)
    return room(random, sound, 0.5, 0.12)


def _gulp(random: Generator) -> Mono:
    """A swallow: the throat closes with a click, then a falling resonance."""
    count = samples(random.uniform(0.13, 0.2))
    pitch = smooth_curve(count, [(0, 240), (0.35, 520), (1, 190)]) * random.uniform(0.85, 1.2)
    hollow = howling(random, mono(pitch), 60.0) + 0.5 * partial(turns(mono(pitch)), 1)
    gulp = mono(unit(hollow) * swell(count, 0.02, 0.16))
    click = grains(random, 350, 700, 2200, 1)[0]
    place(gulp, 0.0, click, 0.6)
    place(gulp, 0.07, click, 0.35)
    return gulp


def drinking_sipping(random: Generator, variant: int) -> Mono:
    """Slurps of air with drops of liquid, each followed by a swallow."""
    sips = among(random, variant, (2, 3, 1, 2))
    sound = np.zeros(samples(sips * 2.3 + 0.8), dtype=np.float32)
    time = 0.05
    for _ in range(sips):
        count = samples(among(random, variant, (0.7, 0.4, 1.1, 0.55)) * random.uniform(0.85, 1.15))
        rising = smooth_curve(count, [(0, 800), (0.6, 1500), (1, 2100)])
        air = howling(random, rising, 700.0) + 0.4 * unit(bandpass(white(random, count), 900, 4500))
        seconds = count / SAMPLE_RATE
        drops = poisson_times(random, seconds, 55.0)
        bubbling = scatter_grains(random, count, drops, 0.7, grains(random, 700, 500, 2800, 10))
        slurp = 0.5 * air * wander(random, count, 14.0, 0.2, 1.0) + unit(bubbling)
        place(sound, time, lowpass(mono(slurp * burst(count, 0.12, 0.08)), 6500), 0.5)
        time += seconds + random.uniform(0.2, 0.4)
        place(sound, time, _gulp(random), 1.6)
        time += random.uniform(0.5, 0.9)
    sigh = samples(0.6)
    air = breath(random, sigh, OPEN_MOUTH) * burst(sigh, 0.08, 0.45)
    place(sound, time, mono(air), among(random, variant, (0.12, 0.0, 0.2, 0.05)))
    return room(random, sound, 0.25, 0.12)


def brushing_teeth(random: Generator, variant: int) -> Mono:
    """Strokes in both directions, with the mouth as a changing cavity."""
    seconds = 7.0
    count = samples(seconds)
    rate = among(random, variant, (4.2, 3.4, 5.2, 3.8)) * wander(random, count, 0.7, 0.92, 1.08)
    turn = 2 * np.pi * np.cumsum(rate.astype(np.float64)) / SAMPLE_RATE
    stroke = np.abs(np.sin(turn)) ** 0.7 * (1 + 0.25 * np.sign(np.sin(turn)))
    bristles = octave_noise(random, count, (-40, -34, -26, -16, -8, -2, 0, -3, -12))
    cavity = howling(random, wander(random, count, 1.2, 900, 2200), 500.0)
    foam = scatter_grains(
        random, count, poisson_times(random, seconds, 60.0), 0.7, grains(random, 300, 1500, 6000, 8)
    )
    sound = (bristles + 0.5 * cavity) * stroke + 0.12 * unit(foam)
    return room(random, mono(sound * burst(count, 0.1, 0.3)), 0.3, 0.15)


def toilet_flush(random: Generator, variant: int) -> Mono:
    """A lever, the rush of water, a gurgle as it drains, and the cistern filling."""
    seconds = 9.0
    count = samples(seconds)
    rush = octave_noise(random, count, (-16, -10, -5, -1, 0, -2, -6, -12, -26))
    level = smooth_curve(count, [(0, 0), (0.04, 0.9), (0.15, 1), (0.3, 0.7), (0.42, 0.15), (1, 0)])
    gurgle = howling(random, wander(random, count, 7.0, 220, 750), 120.0)
    gulps = np.maximum(0, wander(random, count, 9.0, -0.4, 1.0))
    draining = smooth_curve(count, [(0, 0), (0.2, 0.2), (0.38, 1), (0.52, 0.5), (0.65, 0), (1, 0)])
    hiss = octave_noise(random, count, (-40, -34, -28, -20, -12, -5, 0, -2, -10))
    filling = smooth_curve(count, [(0, 0), (0.3, 0.1), (0.6, 0.16), (0.9, 0.12), (1, 0)])
    sound = rush * level * wander(random, count, 5.0, 0.8, 1.1) + 0.7 * gurgle * gulps * draining
    lever = modes(samples(0.1), (420, 1100, 2300), (0.06, 0.04, 0.03), (1, 0.6, 0.4))
    place(sound, 0.02, lever, (0.6, 0.3, 0.8, 0.5)[variant])
    return room(random, mono(sound + hiss * filling), 0.7, 0.35)


def can_opening(random: Generator, variant: int) -> Mono:
    """The tab cracks, gas escapes, the lid tears and bends in, and the drink fizzes."""
    sound = np.zeros(samples(3.6), dtype=np.float32)
    pitch = among(random, variant, (1.0, 1.25, 0.8, 1.1))
    crack = modes(
        samples(0.09),
        tuple(pitch * f for f in (950, 1900, 3300, 5200, 7400)),
        (0.06, 0.05, 0.04, 0.03, 0.02),
        (0.7, 1, 0.8, 0.6, 0.3),
    )
    crack += 0.8 * unit(white(random, len(crack))) * swell(len(crack), 0.0005, 0.02)
    place(sound, 0.03, crack, 0.9)
    length = among(random, variant, (0.8, 0.4, 1.1, 0.55))
    hiss = samples(length)
    gas = highpass(white(random, hiss), among(random, variant, (3000.0, 2300.0, 3800.0, 2700.0)), 1)
    place(sound, 0.035, mono(unit(lowpass(gas, 13000, 1)) * swell(hiss, 0.008, length)), 0.3)
    tear = samples(0.3)
    bends = poisson_times(random, 0.28, 150.0)
    ripping = scatter_grains(random, tear, bends, 0.7, grains(random, 300, 900, 6000, 10))
    opened = random.uniform(0.3, 0.45)
    place(sound, opened, unit(ripping) * burst(tear, 0.03, 0.08), 0.3)
    place(sound, opened + random.uniform(0.24, 0.3), crack, 0.6)
    fizz = samples(2.4)
    bubbles = poisson_times(random, 2.3, 350.0)
    foam = scatter_grains(random, fizz, bubbles, 0.8, grains(random, 120, 3000, 12000, 10))
    place(sound, opened + 0.3, unit(foam) * swell(fizz, 0.1, 3.5), 0.035)
    return room(random, sound, 0.35, 0.2)


def hand_saw(random: Generator, variant: int) -> Mono:
    """Strokes in wood: one tooth after another catches, fastest in the middle of each stroke."""
    seconds = 7.0
    count = samples(seconds)
    pace = among(random, variant, (1.25, 1.0, 1.7, 1.4))
    turn = np.pi * pace * 2 * np.arange(count) / SAMPLE_RATE + 0.3
    speed = np.abs(np.sin(turn))
    push = np.sin(turn) > 0
    teeth = np.cumsum(speed * among(random, variant, (260.0, 330.0, 210.0, 290.0))) / SAMPLE_RATE
    hits = np.flatnonzero(np.diff(np.floor(teeth)) > 0)
    amplitudes = mono(random.lognormal(0, 0.4, len(hits)) * speed[hits])
    bite = grains(random, 300, 1200, 4500, 1)[0]
    rasp = scatter(count, mono(hits / SAMPLE_RATE), amplitudes, bite)
    grind = octave_noise(random, count, (-24, -18, -12, -6, -2, 0, -2, -6, -16)) * mono(speed**1.5)
    board = peaking(rasp, 420.0, 3.0) + 0.7 * peaking(rasp, 900.0, 4.0)
    sound = (unit(rasp) + 0.8 * unit(grind) + 0.5 * unit(board)) * np.where(push, 1.0, 0.55)
    return room(random, mono(sound * burst(count, 0.05, 0.2)), 0.5, 0.2)


def door_wood_creaks(random: Generator, variant: int) -> Mono:
    """A hinge sticks and slips: pulses at the rate of the door's speed, through its wood."""
    seconds = among(random, variant, (2.4, 3.2, 1.8, 2.8))
    count = samples(seconds)
    lowest, highest = among(random, variant, ((40, 260), (25, 140), (90, 480), (50, 330)))
    motion = wander(random, count, 2.2, 0.0, 1.0) * burst(count, 0.25, 0.5)
    rate = lowest + (highest - lowest) * motion.astype(np.float64)
    slips = np.flatnonzero(np.diff(np.floor(np.cumsum(rate / SAMPLE_RATE))) > 0)
    amplitudes = mono((0.25 + motion[slips]) * random.lognormal(0, 0.25, len(slips)))
    wood = modes(
        samples(0.06),
        (310, 640, 1150, 1730, 2600, 3900),
        (0.05, 0.04, 0.035, 0.03, 0.02, 0.012),
        (0.6, 0.8, 1.0, 0.7, 0.5, 0.3),
    )
    creak = scatter(count, mono(slips / SAMPLE_RATE), amplitudes, wood)
    sound = np.zeros(count + samples(0.8), dtype=np.float32)
    place(sound, 0.02, lowpass(creak, 6500))
    return room(random, sound, 0.7, 0.3, 3000.0)
