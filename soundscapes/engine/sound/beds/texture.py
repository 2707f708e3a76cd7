"""Textures: the parts of a recording that may follow each other unnoticed.

After Lu, Wenyin and Zhang, "Audio textures: theory and applications", IEEE Transactions on Speech
and Audio Processing 12(2), 2004: a jump is unnoticed if what it leads to resembles what would have
followed. Levels are compared in bands; then waveforms, to join them in phase.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono

HOP = SAMPLE_RATE // 10
WINDOW = 2048
BANDS = 16
LOWEST, HIGHEST = 60.0, 14_000.0  # Hz
RANGE_DB = 50.0
STEPS = 2  # levels are rounded to half a decibel, so that no last digit of a machine decides

DECIMATION = 8
SLACK = 66  # decimated samples, 12 ms: a period of 84 Hz
COMPARED = 2048  # decimated samples


@dataclass(frozen=True, slots=True)
class Texture:
    """A recording's levels, shape (frames, bands), in half decibels, and its slow waveform.

    A frame lasts `HOP` samples. `share` is the part of the power that the slow waveform has.
    """

    levels: NDArray[np.int16]
    slow: Mono
    share: float

    def distances(self, place: int, frames: int) -> NDArray[np.float64]:
        """Return the distance in dB of every frame from `place` (samples), over some `frames`."""
        last = len(self.levels) - 1
        span = np.arange(frames)
        after = self.levels[np.minimum(place // HOP + span, last)]
        others = self.levels[np.minimum(np.arange(last + 1)[:, None] + span, last)]
        squares = np.square((others - after).astype(np.float64)).mean(axis=(1, 2))
        return np.asarray(np.sqrt(squares) / STEPS)

    def aligned(self, place: int, follower: int) -> tuple[int, float]:
        """Return where near `follower` the waveform is in phase with that at `place`, in samples.

        Also return the correlation of both, from 0 to 1.
        """
        leaving = self.slow[place // DECIMATION :][:COMPARED]
        first = max(0, follower // DECIMATION - SLACK)
        near = self.slow[first : first + len(leaving) + 2 * SLACK]
        if len(near) <= len(leaving):
            return follower, 0.0
        products = np.correlate(near, leaving, "valid")
        sums = np.concatenate(([0.0], np.cumsum(np.square(near, dtype=np.float64))))
        powers = (sums[len(leaving) :] - sums[: -len(leaving)]) * sum_of_squares(leaving)
        likeness = products / np.sqrt(np.maximum(powers, 1e-12))
        best = int(likeness.argmax())
        return (first + best) * DECIMATION, max(0.0, float(likeness[best])) * self.share


def sum_of_squares(samples: Mono) -> float:
    return float(np.square(samples, dtype=np.float64).sum())


def analysed(sound: Mono) -> Texture:
    sound = sound - sound.mean()
    whole = sound[: len(sound) // DECIMATION * DECIMATION]
    slow = whole.reshape(-1, DECIMATION) @ np.full(DECIMATION, 1 / DECIMATION, dtype=np.float32)
    power = sum_of_squares(whole)
    share = sum_of_squares(slow) * DECIMATION / power if power else 0.0
    return Texture(_levels(sound), slow, share)


def _levels(sound: Mono) -> NDArray[np.int16]:
    padded = np.pad(sound, (0, WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[: len(sound) : HOP]
    power = np.square(np.abs(np.fft.rfft(frames * mono(np.hanning(WINDOW)))))
    edges = np.geomspace(LOWEST, HIGHEST, BANDS + 1) * (WINDOW / SAMPLE_RATE)
    bands = np.add.reduceat(power, np.rint(edges).astype(int), axis=1)[:, :BANDS]
    levels = 10 * np.log10(np.maximum(bands, 1e-12))
    levels = np.maximum(levels - levels.max(), -RANGE_DB)
    return np.asarray(np.rint(levels * STEPS), dtype=np.int16)
