"""Source-filter voice of animals and people.

A harmonic series follows a pitch contour with jitter and shimmer through moving formants (Fant
1960; Klatt, "Software for a cascade/parallel formant synthesizer", JASA 1980). Weighting harmonics
directly needs no time-varying filter and cannot alias.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    harmonics,
    highpass,
    partial,
    ramps,
    slow_noise,
    turns,
    unit,
    white,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono

CONTROL_STEP = 64
MAX_HARMONICS = 90
TREBLE = 2000.0  # Hz


@dataclass(frozen=True, slots=True)
class Formant:
    """A resonance from `start` to `end` (Hz), or along the evenly spaced frequencies of `path`."""

    start: float
    end: float
    bandwidth: float
    level: float
    path: tuple[float, ...] = field(default=())

    def over(self, count: int) -> Mono:
        values = self.path or (self.start, self.end)
        places = np.linspace(0, 1, len(values))
        return mono(np.interp(np.linspace(0, 1, count), places, values))


@dataclass(frozen=True, slots=True)
class Throat:
    """Parameters of a voice.

    `tilt` is the source's fall in dB per octave. `jitter` and `shimmer` are relative deviations of
    pitch and level at `roughness_rate` Hz. `breath` is the noise level; `subharmonic` is the depth
    of harsh modulation at half the pitch.
    """

    tilt: float = 9.0
    jitter: float = 0.01
    shimmer: float = 0.1
    roughness_rate: float = 40.0
    breath: float = 0.05
    subharmonic: float = 0.0


def voice(random: Generator, pitch: Mono, formants: Sequence[Formant], throat: Throat) -> Mono:
    """Return a voiced sound of RMS 1 that follows `pitch` (Hz per sample), without envelope."""
    count = len(pitch)
    jitter = 1 + throat.jitter * slow_noise(random, count, throat.roughness_rate)
    bent = np.maximum(pitch * jitter, 20.0)
    turned = turns(mono(bent))
    sound = unit(_harmonics(turned, bent, formants, throat.tilt))
    sound *= 1 + throat.shimmer * slow_noise(random, count, throat.roughness_rate)
    if throat.subharmonic:
        sound *= 1 + throat.subharmonic * partial(turned, 0.5)
    if throat.breath:
        sound = sound + throat.breath * breath(random, count, formants)
    # Below its pitch, a voice only has what its roughness smears there.
    return unit(highpass(sound, 0.6 * float(pitch.min())))


def effort(sound: Mono, level: Mono) -> Mono:
    """Apply an envelope to a voice, whose treble rises and falls twice as much in dB.

    J. Sundberg and M. Nordenberg, "Effects of vocal loudness variation on spectrum balance", JASA
    2006.
    """
    treble = highpass(sound, TREBLE, 1)
    return mono((sound - treble) * level + treble * level**2)


def breath(random: Generator, count: int, formants: Sequence[Formant]) -> Mono:
    """Return noise of RMS 1 through the formants' middle positions."""
    noise = white(random, count)
    sound = np.zeros(count, dtype=np.float32)
    for each in formants:
        middle = float(each.over(3)[1])
        low = max(middle - each.bandwidth, middle / 2)
        sound += np.float32(each.level) * unit(bandpass(noise, low, middle + each.bandwidth))
    return unit(sound)


def _harmonics(
    turned: NDArray[np.float64],
    pitch: Mono,
    formants: Sequence[Formant],
    tilt: float,
) -> Mono:
    count = len(pitch)
    controls = np.arange(0, count + CONTROL_STEP, CONTROL_STEP)
    coarse = np.interp(controls, np.arange(count), pitch)
    numbers = np.arange(1, min(MAX_HARMONICS, int(SAMPLE_RATE / 2 / coarse.min())) + 1)
    frequencies = numbers[:, None] * coarse
    weights = (numbers[:, None] ** (-tilt / 6.02)) * _tract(frequencies, formants)
    weights[frequencies > SAMPLE_RATE * 0.45] = 0
    highest = np.flatnonzero(weights.max(axis=1) > weights.max() * 1e-4)[-1] + 1
    return harmonics(turned, [ramps(each, CONTROL_STEP)[:count] for each in weights[:highest]])


def _tract(frequencies: NDArray[np.float64], formants: Sequence[Formant]) -> NDArray[np.float64]:
    """Sum the resonance curves at every frequency, above a low floor."""
    total = np.full(frequencies.shape, 0.01)
    for each in formants:
        centre = each.over(frequencies.shape[1])
        half = each.bandwidth / 2
        total += each.level / np.sqrt(1 + ((frequencies - centre) / half) ** 2)
    return total
