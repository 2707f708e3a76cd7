"""Sounds of daily life: breath, laughter, the bathroom, tools and lids.

Friction as stick-slip pulses through a body (F. Avanzini, S. Serafin and D. Rocchesso, "Interactive
simulation of rigid body interaction with friction-induced sound generation", IEEE TSAP 2005; doors
after Farnell, "Designing Sound", ch. 32); laughter after J.-A. Bachorowski et al., "The acoustic
features of human laughter", JASA 2001 (notes of voiced breath, about five a second).
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
    howling,
    lowpass,
    modes,
    octave_noise,
    peaking,
    place,
    poisson_times,
    room,
    samples,
    scatter,
    scatter_grains,
    smooth_curve,
    swell,
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
    """In, and out again, a little lower."""
    sound = np.zeros(samples(6.0), dtype=np.float32)
    pace = (1.3, 1.0, 1.6, 0.8)[variant]
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
    """The palate flutters on the breath in; the breath out is only air."""
    sound = np.zeros(samples(6.5), dtype=np.float32)
    rate = (38.0, 52.0, 30.0, 70.0)[variant]
    tract = [
        Formant(350, 420, 160, 1.0),
        Formant(950, 1000, 300, 0.5),
        Formant(2300, 2300, 600, 0.2),
    ]
    for start in (0.05, 3.2):
        count = samples(1.4)
        pitch = curve(count, [(0, rate * 0.9), (0.6, rate * 1.2), (1, rate)])
        snore = voice(random, pitch, tract, Throat(3.0, 0.07, 0.25, 30.0, 0.3, 0.2))
        place(sound, start, mono(snore * curve(count, [(0, 0), (0.5, 1), (0.9, 0.7), (1, 0)])))
        out = samples(1.1)
        air = breath(random, out, OPEN_MOUTH) * burst(out, 0.4, 0.6)
        place(sound, start + 1.7, mono(air), 0.12)
    return room(random, sound, 0.35, 0.2, 2500.0)


def laughing(random: Generator, variant: int) -> Mono:
    """Ha-ha-ha: each note begins as breath, and the phrase sinks."""
    base = (210.0, 130.0, 290.0, 160.0)[variant]
    tract = 1.15 if base > 200 else 1.0
    formants = [
        Formant(750 * tract, 700 * tract, 160, 1.0),
        Formant(1300 * tract, 1250 * tract, 200, 0.6),
        Formant(2700 * tract, 2650 * tract, 300, 0.3),
        Formant(3800 * tract, 3800 * tract, 500, 0.15),
    ]
    notes = (7, 6, 9, 8)[variant]
    sound = np.zeros(samples(notes * 0.24 + 1.0), dtype=np.float32)
    time = 0.03
    for number in range(notes):
        fall = 1 - 0.35 * number / notes
        aspirated = samples(0.07)
        air = breath(random, aspirated, formants) * burst(aspirated, 0.02, 0.03)
        place(sound, time, mono(air), 0.35 * fall)
        count = samples(random.uniform(0.10, 0.14))
        pitch = curve(count, [(0, base * 1.3 * fall), (0.3, base * 1.45 * fall), (1, base * fall)])
        note = voice(random, pitch, formants, Throat(6.0, 0.008, 0.1, 50.0, 0.12))
        place(sound, time + 0.05, mono(note * burst(count, 0.02, 0.06)), fall)
        time += random.uniform(0.19, 0.24)
    return room(random, sound, 0.5, 0.2)


def drinking_sipping(random: Generator, variant: int) -> Mono:
    """A slurp of air and liquid, then a gulp."""
    sound = np.zeros(samples(3.2), dtype=np.float32)
    count = samples((0.7, 0.5, 0.9, 0.6)[variant])
    rising = smooth_curve(count, [(0, 900), (0.6, 1900), (1, 2600)])
    slurp = howling(random, rising, 900.0) + 0.6 * unit(bandpass(white(random, count), 1500, 6000))
    bubbling = np.maximum(0, wander(random, count, 45.0, -0.5, 1.0))
    place(sound, 0.05, mono(slurp * bubbling * burst(count, 0.1, 0.1)))
    for number in range(2):
        gulp = samples(0.16)
        pitch = smooth_curve(gulp, [(0, 190), (0.5, 420), (1, 230)])
        phase = np.cumsum(2 * np.pi * pitch / SAMPLE_RATE)
        time = 0.35 + count / SAMPLE_RATE + number * random.uniform(0.55, 0.8)
        place(sound, time, mono(np.sin(phase) * swell(gulp, 0.02, 0.14)), 1.3 - 0.4 * number)
    return room(random, sound, 0.25, 0.12)


def brushing_teeth(random: Generator, variant: int) -> Mono:
    """Strokes there and back, with the mouth as a cavity that changes."""
    seconds = 7.0
    count = samples(seconds)
    rate = (4.2, 3.4, 5.2, 3.8)[variant] * wander(random, count, 0.7, 0.92, 1.08)
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
    """A lever, the rush, the gurgle as it drains, and the cistern filling."""
    seconds = 9.0
    count = samples(seconds)
    rush = octave_noise(random, count, (-16, -10, -5, -1, 0, -2, -6, -12, -26))
    level = smooth_curve(count, [(0, 0), (0.05, 0.9), (0.2, 1), (0.45, 0.6), (0.6, 0.15), (1, 0)])
    gurgle = howling(random, wander(random, count, 7.0, 220, 750), 120.0)
    gulps = np.maximum(0, wander(random, count, 9.0, -0.4, 1.0))
    draining = smooth_curve(count, [(0, 0), (0.3, 0.2), (0.5, 1), (0.65, 0.5), (0.75, 0), (1, 0)])
    hiss = octave_noise(random, count, (-40, -34, -28, -20, -12, -5, 0, -2, -10))
    filling = smooth_curve(count, [(0, 0), (0.3, 0.1), (0.6, 0.16), (0.9, 0.12), (1, 0)])
    sound = rush * level * wander(random, count, 5.0, 0.8, 1.1) + 0.7 * gurgle * gulps * draining
    lever = modes(samples(0.1), (420, 1100, 2300), (0.06, 0.04, 0.03), (1, 0.6, 0.4))
    place(sound, 0.02, lever, (0.6, 0.3, 0.8, 0.5)[variant])
    return room(random, mono(sound + hiss * filling), 0.7, 0.35)


def can_opening(random: Generator, variant: int) -> Mono:
    """The tab cracks, the gas escapes, the lid tears."""
    sound = np.zeros(samples(1.9), dtype=np.float32)
    crack = modes(
        samples(0.09), (1900, 3300, 5200, 7400), (0.05, 0.04, 0.03, 0.02), (1, 0.8, 0.7, 0.4)
    )
    place(sound, 0.03, crack, 0.9)
    hiss = samples((0.55, 0.35, 0.7, 0.45)[variant])
    gas = highpass(white(random, hiss), (3500.0, 2800.0, 4200.0, 3200.0)[variant])
    place(sound, 0.035, mono(unit(gas) * swell(hiss, 0.004, hiss / SAMPLE_RATE)), 0.35)
    tear = samples(0.22)
    ripping = scatter_grains(
        random, tear, poisson_times(random, 0.2, 260.0), 0.6, grains(random, 150, 1500, 9000, 8)
    )
    place(sound, random.uniform(0.3, 0.4), unit(ripping), 0.3)
    place(sound, random.uniform(0.56, 0.62), crack, 0.5)
    return room(random, sound, 0.35, 0.2)


def hand_saw(random: Generator, variant: int) -> Mono:
    """Strokes in wood: teeth catch one after another, faster in the middle of each stroke."""
    seconds = 7.0
    count = samples(seconds)
    pace = (1.25, 1.0, 1.7, 1.4)[variant]
    turn = np.pi * pace * 2 * np.arange(count) / SAMPLE_RATE + 0.3
    speed = np.abs(np.sin(turn))
    push = np.sin(turn) > 0
    teeth = np.cumsum(speed * (260.0, 330.0, 210.0, 290.0)[variant]) / SAMPLE_RATE
    hits = np.flatnonzero(np.diff(np.floor(teeth)) > 0)
    amplitudes = mono(random.lognormal(0, 0.4, len(hits)) * speed[hits])
    bite = grains(random, 300, 1200, 4500, 1)[0]
    rasp = scatter(count, mono(hits / SAMPLE_RATE), amplitudes, bite)
    grind = octave_noise(random, count, (-24, -18, -12, -6, -2, 0, -2, -6, -16)) * mono(speed**1.5)
    board = peaking(rasp, 420.0, 3.0) + 0.7 * peaking(rasp, 900.0, 4.0)
    sound = (unit(rasp) + 0.8 * unit(grind) + 0.5 * unit(board)) * np.where(push, 1.0, 0.55)
    return room(random, mono(sound * burst(count, 0.05, 0.2)), 0.5, 0.2)


def door_wood_creaks(random: Generator, variant: int) -> Mono:
    """A hinge sticks and slips: pulses whose rate follows the door's speed, through its wood."""
    seconds = (2.4, 3.2, 1.8, 2.8)[variant]
    count = samples(seconds)
    lowest, highest = ((40, 260), (25, 140), (90, 480), (50, 330))[variant]
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


RECIPES = {
    "breathing": breathing,
    "brushing_teeth": brushing_teeth,
    "can_opening": can_opening,
    "door_wood_creaks": door_wood_creaks,
    "drinking_sipping": drinking_sipping,
    "hand_saw": hand_saw,
    "laughing": laughing,
    "snoring": snoring,
    "toilet_flush": toilet_flush,
}
