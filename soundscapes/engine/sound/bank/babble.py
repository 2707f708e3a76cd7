"""Babble without words: people who talk at once, calls and shouts.

Overlapping talkers whose syllables have the rate, pitch and vowels of speech (D. Klatt, JASA 1980;
T. Houtgast and H. J. M. Steeneken, "A review of the MTF concept", JASA 1985: speech is modulated
most at 4 Hz, and the less so the more people talk). Its spectrum follows D. Byrne et al., "An
international comparison of long-term average speech spectra", JASA 1994.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    burst,
    curve,
    place,
    poisson_times,
    samples,
    unit,
    white,
)
from soundscapes.engine.sound.bank.voice import Formant, Throat, voice
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono

PHRASES = 6

VOWELS = (
    (730, 1090),
    (270, 2290),
    (390, 1990),
    (530, 1840),
    (570, 840),
    (440, 1020),
    (300, 870),
    (490, 1350),
    (640, 1190),
)
"""First two formants (Hz) of men's vowels (G. E. Peterson and H. L. Barney, JASA 1952)."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Pitches of the talkers (Hz), length of their throats relative to a man's, syllables a second,
    how far the pitch moves, and how loudly they talk: the fall of the source in dB per octave.
    """

    pitches: tuple[float, float]
    throat: tuple[float, float]
    pace: tuple[float, float]
    melody: float
    tilt: float


ADULTS = Talk((95.0, 235.0), (0.82, 1.02), (3.6, 5.4), 0.12, 7.5)
LOUD = Talk((120.0, 290.0), (0.82, 1.0), (3.2, 4.8), 0.2, 5.5)
CHILDREN = Talk((260.0, 420.0), (0.62, 0.75), (3.0, 5.5), 0.25, 6.0)


def _phrase(random: Generator, talk: Talk) -> Mono:
    """One to two seconds of syllables on a falling melody, with the hiss of consonants."""
    seconds = random.uniform(1.0, 2.0)
    count, syllables = samples(seconds), int(seconds * random.uniform(*talk.pace)) + 1
    melody = random.normal(1, talk.melody, 2 * syllables) * np.linspace(1.1, 0.85, 2 * syllables)
    pitch = random.uniform(*talk.pitches) * _path(np.clip(melody, 0.6, 1.9), count)
    sound = voice(random, pitch, _mouth(random, talk, syllables), Throat(talk.tilt, breath=0.08))
    level = np.zeros(count, dtype=np.float32)
    hiss = np.zeros(count, dtype=np.float32)
    for number in range(syllables):
        start = (number + random.uniform(-0.15, 0.15)) * seconds / syllables
        size = samples(seconds / syllables * random.uniform(0.55, 1.0))
        place(level, max(0.0, start), burst(size, 0.04, 0.08), random.lognormal(-0.2, 0.4))
        place(hiss, max(0.0, start), _consonant(random), random.lognormal(-2.4, 0.7))
    return mono(sound * level + hiss)


def _path(values: np.ndarray, count: int) -> Mono:
    return curve(count, list(zip(np.linspace(0, 1, len(values)), values.tolist(), strict=True)))


def _mouth(random: Generator, talk: Talk, syllables: int) -> list[Formant]:
    """Formants that pass from vowel to vowel."""
    size = 1 / random.uniform(*talk.throat)
    vowels = [VOWELS[int(random.integers(len(VOWELS)))] for _ in range(syllables + 1)]
    first, second = (tuple(size * vowel[at] for vowel in vowels) for at in (0, 1))
    return [
        Formant(0, 0, 90, 1.0, first),
        Formant(0, 0, 130, 0.5, second),
        Formant(2500 * size, 2600 * size, 220, 0.25),
        Formant(3500 * size, 3500 * size, 350, 0.12),
    ]


def _consonant(random: Generator) -> Mono:
    size = samples(random.uniform(0.03, 0.12))
    low = random.uniform(1500, 4500)
    return mono(unit(bandpass(white(random, size), low, 2 * low)) * burst(size, 0.01, 0.02))


def babble(random: Generator, count: int, talk: Talk, talkers: float, depth: float) -> Mono:
    """Return about so many people who talk at once, RMS 1.

    Phrases recur at another pitch and place, which nobody can tell in a babble. `depth` is the
    spread of the talkers' levels in nepers: how near the nearest are.
    """
    phrases = [_phrase(random, talk) for _ in range(PHRASES)]
    sound = np.zeros(count, dtype=np.float32)
    for time in poisson_times(random, count / SAMPLE_RATE, talkers / 1.7).tolist():
        phrase = phrases[int(random.integers(PHRASES))]
        moved = _played(phrase, random.uniform(0.88, 1.14))
        place(sound, time, moved, random.lognormal(0, depth))
    # What began before the clip goes on at its start.
    return unit(sound + np.roll(sound, count // 2))


def _played(phrase: Mono, rate: float) -> Mono:
    """Play a phrase at another rate, as `np.interp` would, in a third of the time."""
    places = np.arange(0, len(phrase) - 1, rate)
    whole = places.astype(np.int32)
    first, second = phrase[whole], phrase[whole + 1]
    return mono(first + mono(places - whole) * (second - first))


def shout(random: Generator, pitches: tuple[float, float], throat: tuple[float, float]) -> Mono:
    """A call of one or two open vowels that rises and falls."""
    seconds = random.uniform(0.3, 0.8)
    count, base = samples(seconds), random.uniform(*pitches)
    arch = [(0, base), (random.uniform(0.2, 0.5), base * random.uniform(1.1, 1.6)), (1, base * 0.9)]
    mouth = _mouth(random, Talk(pitches, throat, (2, 2), 0, 4.0), 1)
    sound = voice(random, curve(count, arch), mouth, Throat(4.0, 0.012, 0.15, 50.0, 0.1, 0.1))
    return mono(sound * burst(count, 0.05, 0.15))
