"""Sample rate conversion by rational ratios in numpy.

A polyphase filter (Crochiere and Rabiner, "Multirate Digital Signal Processing", 1983) as one
matrix product over all frames.
"""

from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from soundscapes.engine.sound.samples import SAMPLE_RATE, Frames

MAX_FACTOR = 1000
"""The filter grows with the ratio's terms; a ratio rounded to these is off by under 0.001 %."""

ZERO_CROSSINGS = 16
KAISER_BETA = 8.0
PASSBAND = 0.92
"""The stop band is 80 dB down (Kaiser 1974), and the transition centred on 92 % of the band."""


def resample(frames: Frames, rate: float) -> Frames:
    """Resample (n, channels) from `rate` Hz to 44.1 kHz; ceil(n * ratio) frames."""
    ratio = (SAMPLE_RATE / Fraction(rate)).limit_denominator(MAX_FACTOR)
    if ratio == 1 or not len(frames):
        return frames
    up, down = ratio.numerator, ratio.denominator
    matrix, reach = _matrix(up, down)
    length = -(-len(frames) * up // down)
    count = -(-length // up)
    after = max(0, count * down + reach - len(frames))
    converted = np.empty((length, frames.shape[1]), dtype=np.float32)
    for channel, row in enumerate(frames.T):
        padded = np.pad(row, (reach, after))
        windows = sliding_window_view(padded, len(matrix))[: count * down : down]
        converted[:, channel] = (windows @ matrix).reshape(-1)[:length]
    return converted


@lru_cache(maxsize=16)
def _matrix(up: int, down: int) -> tuple[NDArray[np.float32], int]:
    """Return a matrix from `down` + 2 * reach samples to `up`, and the reach per side."""
    cutoff = PASSBAND * min(1.0, up / down)
    reach = int(np.ceil(ZERO_CROSSINGS / cutoff))
    places = np.arange(up) * (down / up) + reach
    distance = places - np.arange(down + 2 * reach)[:, None]
    inside = np.abs(distance) <= reach
    window = np.i0(KAISER_BETA * np.sqrt(np.where(inside, 1 - (distance / reach) ** 2, 0.0)))
    weights = cutoff * np.sinc(cutoff * distance) * window * inside
    return (weights / weights.sum(axis=0)).astype(np.float32), reach
