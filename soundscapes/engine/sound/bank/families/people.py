"""Sounds of people.

Cries after K. Michelsson and O. Michelsson, "Phonation in the newborn, infant cry", Int. J.
Pediatr. Otorhinolaryngol. 1999 (a pitch of 400 to 600 Hz that rises, holds and falls in each
breath, and breaks into noise in pain); claps after B. H. Repp, "The sound of two hands clapping",
JASA 1987; steps after P. R. Cook, "Modeling Bill's gait", AES 2002 (heel, then sole, in the texture
of the ground) and "Physically informed sonic modeling (PhISM)", CMJ 1997.
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
    octave_noise,
    place,
    room,
    samples,
    scatter_grains,
    smooth_curve,
    swell,
    tamed,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.bank.voice import Formant, Throat, breath, effort, voice
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono

OPENING = (900.0, 1250.0, 1200.0, 950.0)
"""The first formant over a wail (Hz), while the mouth opens and closes."""

GASP = [Formant(1400, 1600, 500, 1.0), Formant(3300, 3500, 900, 0.6)]


@dataclass(frozen=True, slots=True)
class Cry:
    """Pitch (Hz), wail and pause (s), share of wails with noisy dysphonation, pitch contour."""

    base: float
    wail: tuple[float, float]
    pause: tuple[float, float]
    harsh: float
    contour: tuple[tuple[float, float], ...]


CRIES = (
    Cry(430.0, (0.6, 0.9), (0.2, 0.3), 0.15, ((0, 0.85), (0.15, 1.1), (0.7, 1.05), (1, 0.9))),
    Cry(500.0, (0.9, 1.5), (0.35, 0.7), 0.45, ((0, 0.8), (0.3, 1.2), (0.6, 1.15), (1, 0.8))),
    Cry(400.0, (0.35, 0.6), (0.35, 0.9), 0.1, ((0, 0.95), (0.4, 1.12), (1, 0.8))),
    Cry(540.0, (0.5, 1.1), (0.15, 0.45), 0.3, ((0, 0.75), (0.1, 1.0), (0.5, 1.1), (1, 0.95))),
)
"""Hunger, pain, fuss and rage."""


def _wail(random: Generator, cry: Cry, seconds: float) -> Mono:
    """One breath of crying: little energy at the pitch itself, most around one and three kHz."""
    count = samples(seconds)
    shift = random.uniform(0.92, 1.08)
    mouth = np.interp(np.linspace(0, 1, 4 + int(8 * seconds)), (0, 0.3, 0.7, 1), OPENING)
    mouth *= shift * random.uniform(0.75, 1.3, len(mouth))
    tongue = random.uniform(1700.0, 2700.0, len(mouth))
    formants = [
        Formant(0, 0, 120, 1.0, tuple(mouth)),
        Formant(0, 0, 180, random.uniform(0.15, 0.5), tuple(tongue)),
        Formant(3300 * shift, 3700 * shift, 400, 0.2),
        Formant(5400 * shift, 5400 * shift, 2000, 0.15),
        Formant(8000, 8000, 2500, 0.2),
    ]
    top = cry.base * random.uniform(0.8, 1.3)
    points = [(at, top * ratio * random.uniform(0.96, 1.04)) for at, ratio in cry.contour]
    is_harsh = random.random() < cry.harsh
    throat = (
        Throat(3.0, 0.012, 0.3, 70.0, 0.08, 0.5)
        if is_harsh
        else Throat(3.0, 0.004, 0.10, 25.0, 0.03, random.choice((0.0, 0.0, 0.15)))
    )
    pitch = smooth_curve(count, points) * wander(random, count, 9.0, 0.92, 1.08)
    wail = voice(random, mono(pitch), formants, throat)
    wail = highpass(wail, 0.8 * cry.base, 1)
    wail = lowpass(wail, random.uniform(8000.0, 14000.0), 1)
    wail += 0.03 * unit(lowpass(white(random, count), 220.0))
    quaver = 1 + 0.4 * wander(random, count, 9.0, -1.0, 1.0)
    return effort(wail, mono(quaver * burst(count, 0.06, min(0.25, seconds / 3))))


def crying_baby(random: Generator, variant: int) -> Mono:
    """Wails of one breath each, with a sob or a gasp before the next."""
    cry = among(random, variant, CRIES)
    sound = np.zeros(samples(6.5), dtype=np.float32)
    time = 0.0
    while time < 4.2:
        seconds = random.uniform(*cry.wail)
        place(sound, time, _wail(random, cry, seconds), random.uniform(0.5, 1.0))
        time += seconds
        pause = random.uniform(*cry.pause)
        drawn = samples(min(0.2, pause))
        gasp = breath(random, drawn, GASP) * burst(drawn, 0.1, 0.05)
        place(sound, time + pause - drawn / SAMPLE_RATE, mono(gasp), random.uniform(0.03, 0.2))
        time += pause
    return room(random, sound, 0.3, 0.05)


def _explosion(random: Generator, seconds: float, low: float, voiced: float, base: float) -> Mono:
    """Air that bursts out of the mouth, with some voice below it."""
    count = samples(seconds)
    formants = [
        Formant(low, low * 0.8, 400, 0.7),
        Formant(1700, 1500, 700, 0.8),
        Formant(2900, 2700, 1200, 0.8),
        Formant(5200, 4500, 2200, 0.7),
    ]
    air = breath(random, count, formants) + random.uniform(0.4, 1.0) * unit(
        highpass(white(random, count), 3000)
    )
    pitch = curve(count, [(0, base), (0.15, base * 1.2), (1, base * 0.7)])
    tone = voice(random, pitch, formants, Throat(5.0, 0.03, 0.2, 90.0, 0.1, 0.2))
    return mono((air + voiced * tone) * swell(count, 0.012, seconds * 1.1))


def sneezing(random: Generator, variant: int) -> Mono:
    """A breath in, then the outburst; some variants sneeze twice."""
    base = among(random, variant, (210.0, 130.0, 290.0, 160.0))
    drawn = samples(0.45)
    ah = [Formant(700, 800, 300, 1.0), Formant(1500, 1600, 400, 0.5), Formant(2700, 2700, 600, 0.3)]
    sound = np.zeros(samples(3.2), dtype=np.float32)
    inhale = breath(random, drawn, ah) * curve(drawn, [(0, 0), (0.8, 1), (1, 0)])
    place(sound, 0.03, mono(inhale), 0.10)
    low = among(random, variant, (650.0, 500.0, 800.0, 560.0))
    seconds = among(random, variant, (0.45, 0.62, 0.34, 0.5))
    time = 0.52
    for _ in range(among(random, variant, (1, 1, 2, 1))):
        place(
            sound,
            time,
            _explosion(random, seconds, low, among(random, variant, (0.3, 0.2, 0.45, 0.12)), base),
        )
        time += seconds + random.uniform(0.4, 0.7)
    return room(random, sound, 0.4, 0.25)


def _cough(random: Generator, base: float, tract: float, wet: float) -> Mono:
    """A glottal burst, rushing air, and a voiced end.

    P. Piirilä and A. Sovijärvi, "Objective assessment of cough", Eur. Respir. J. 1995.
    """
    chest = [
        Formant(480 / tract, 520 / tract, 280, 1.0),
        Formant(1250 / tract, 1350 / tract, 400, 0.7),
        Formant(2500 / tract, 2600 / tract, 700, 0.35),
        Formant(4200 / tract, 4200 / tract, 1400, 0.12),
    ]
    cough = np.zeros(samples(0.5), dtype=np.float32)
    opening = samples(0.07)
    place(cough, 0.0, breath(random, opening, chest) * swell(opening, 0.005, 0.09), 1.0)
    rush = samples(random.uniform(0.16, 0.26))
    air = breath(random, rush, chest) * burst(rush, 0.03, 0.12)
    air *= 1 + wet * wander(random, rush, 45.0, -1.0, 1.0)
    place(cough, 0.025, mono(air), 0.45)
    end = samples(random.uniform(0.07, 0.13))
    pitch = curve(end, [(0, base * 1.1), (0.3, base * 1.3), (1, base * 0.75)])
    tone = voice(random, pitch, chest, Throat(7.0, 0.03, 0.3, 80.0, 0.2, 0.3))
    place(cough, 0.02 + 0.8 * rush / SAMPLE_RATE, tone * burst(end, 0.02, 0.06), 0.5)
    return lowpass(cough, 5500.0 / tract, 1)


def coughing(random: Generator, variant: int) -> Mono:
    """Two to five coughs, each weaker: a man, an old man, a child, a woman."""
    base, tract, wet = among(
        random,
        variant,
        (
            (150.0, 1.0, 0.2),
            (105.0, 1.1, 0.8),
            (300.0, 0.72, 0.1),
            (210.0, 0.87, 0.3),
        ),
    )
    coughs = among(random, variant, (2, 4, 5, 3))
    sound = np.zeros(samples(coughs * 0.6 + 1.0), dtype=np.float32)
    time = 0.03
    for number in range(coughs):
        cough = _cough(random, base * random.uniform(0.9, 1.1), tract, wet)
        place(sound, time, cough, 0.85**number * random.uniform(0.8, 1.0))
        time += random.uniform(0.3, 0.55)
    return room(random, sound, 0.4, 0.15, 3000.0)


def clapping(random: Generator, variant: int) -> Mono:
    """Applause: every pair of hands has its own resonance and pace."""
    seconds = 8.0
    hands = among(random, variant, (6, 25, 60, 3))
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
    pace = among(random, variant, (0.55, 0.58, 0.5, 0.62))
    loose = among(random, variant, (0.1, 1.0, 0.15, 0.8))
    low, high = among(random, variant, ((80, 900), (900, 6000), (200, 3500), (1500, 9000)))
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


@dataclass(frozen=True, slots=True)
class Walk:
    """Seconds a step, crumbs a step and their band (Hz), length of a step (s), share of the heel's
    thud, of the tone that packed snow squeaks and its pitch (Hz), and of the swish between steps.
    """

    pace: float
    crumbs: int
    band: tuple[float, float]
    seconds: float
    thud: float = 0.2
    squeak: float = 0.0
    pitch: float = 900.0
    swish: float = 0.0


LEAVES = (
    Walk(0.58, 150, (1800, 9000), 0.32, 0.15, swish=0.25),
    Walk(0.66, 320, (1200, 7000), 0.45, 0.1, swish=0.6),
    Walk(0.36, 110, (2200, 10000), 0.2, 0.25, swish=0.15),
    Walk(0.62, 90, (900, 4500), 0.3, 0.35, swish=0.2),
    Walk(0.95, 220, (1500, 8000), 0.5, 0.1, swish=0.1),
    Walk(0.55, 60, (2500, 11000), 0.22, 0.4, swish=0.1),
    Walk(0.5, 240, (1600, 9500), 0.34, 0.05, swish=0.8),
    Walk(0.6, 130, (700, 6500), 0.3, 0.3, swish=0.3),
)
"""Dry leaves, deep ones, running, wet ones, slow steps, a few on a path, a child that shuffles,
leaves and twigs."""

SNOW = (
    Walk(0.6, 420, (500, 5000), 0.3, 0.3, 0.3, 1100.0),
    Walk(0.8, 700, (350, 3000), 0.45, 0.5, 0.0, 600.0, 0.2),
    Walk(0.56, 300, (900, 7000), 0.22, 0.2, 0.8, 1700.0),
    Walk(0.62, 260, (250, 2200), 0.3, 0.6, 0.0, 500.0, 0.1),
    Walk(0.34, 300, (600, 5500), 0.18, 0.5, 0.2, 1300.0),
    Walk(1.0, 550, (450, 4500), 0.5, 0.25, 0.6, 950.0),
    Walk(0.58, 200, (1200, 9000), 0.25, 0.3, 0.1, 1400.0, 0.1),
    Walk(0.7, 500, (400, 3600), 0.38, 0.4, 0.4, 800.0, 0.4),
)
"""Fresh snow, deep snow, hard frost, slush, running, slow steps, a crust of ice, snowshoes."""

WALK_SECONDS = 6.0


def steps_in_leaves(random: Generator, variant: int) -> Mono:
    """Steps that crush dry leaves: hundreds of small, stiff collisions (Cook, PhISM, 1997)."""
    return _walk(random, LEAVES[variant], 1.1)


def steps_in_snow(random: Generator, variant: int) -> Mono:
    """Steps that compress snow: grains that break one after another, and squeak in the cold."""
    return _walk(random, SNOW[variant], 0.5)


def _walk(random: Generator, walk: Walk, roughness: float) -> Mono:
    """`roughness` is the spread of the crumbs' levels in nepers."""
    crumbs = grains(random, 260, *walk.band, 16)
    sound = np.zeros(samples(WALK_SECONDS + walk.seconds), dtype=np.float32)
    time, foot = 0.1, 0
    while time < WALK_SECONDS - 0.4:
        step = _tread(random, walk, crumbs, roughness)
        place(sound, time, step, random.uniform(0.7, 1.0) * (1.0, 0.85)[foot % 2])
        time, foot = time + walk.pace * random.normal(1, 0.04), foot + 1
    swish = bandpass(white(random, len(sound)), *walk.band, 1)
    swish *= np.abs(wander(random, len(sound), 1 / walk.pace, -1.0, 1.0)) ** 2
    sound = mono(sound + 0.15 * walk.swish * unit(swish))
    return room(random, sound * burst(len(sound), 0.05, 0.4), 0.4, 0.1, 3500.0)


def _tread(random: Generator, walk: Walk, crumbs: list[Mono], roughness: float) -> Mono:
    """Heel, then sole: the crumbs break at the rate at which the foot goes down."""
    count = samples(walk.seconds * random.uniform(0.85, 1.15) + 0.05)
    seconds = count / SAMPLE_RATE
    heel = random.beta(1.6, 4.5, int(0.45 * walk.crumbs))
    sole = 0.3 + 0.7 * random.beta(2.0, 3.5, int(0.55 * walk.crumbs))
    times = mono(np.sort(np.concatenate([heel, sole])) * seconds * 0.9)
    step = tamed(unit(scatter_grains(random, count, times, roughness, crumbs)), 5.0)
    thud = lowpass(white(random, count), random.uniform(120, 260)) * swell(count, 0.006, 0.14)
    if walk.squeak:
        slide = walk.pitch * random.uniform(0.9, 1.1) * curve(count, [(0, 0.85), (1, 1.15)])
        squeal = howling(random, mono(slide), 0.25 * walk.pitch)
        step = step + walk.squeak * squeal * burst(count, 0.05, 0.1)
    return mono(step * burst(count, 0.015, 0.06) + walk.thud * unit(thud))
