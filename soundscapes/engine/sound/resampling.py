"""Sample rate conversion by rational ratios in numpy.

A polyphase filter (Crochiere and Rabiner, "Multirate Digital Signal Processing", 1983) as one
matrix product over all frames.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from soundscapes.engine.sound.samples import SAMPLE_RATE, Frames

MAX_FACTOR = 1000
"""The filter grows with the ratio's terms; limiting them changes the ratio by under 0.001 %."""

ZERO_CROSSINGS = 16
KAISER_BETA = 8.0
PASSBAND = 0.92
"""The stop band is at -80 dB (Kaiser 1974); the transition is centred on 92 % of the band."""


def resample(frames: Frames, rate: float) -> Frames:
    """Resample (n, channels) from `rate` Hz to 44.1 kHz; returns ceil(n * ratio) frames."""
    ratio = _ratio(rate)
    if ratio == 1 or not len(frames):
        return frames
    matrix, reach = _matrix(ratio.numerator, ratio.denominator)
    length = ceil(len(frames) * ratio)
    count = ceil(length / ratio.numerator)
    after = max(0, count * ratio.denominator + reach - len(frames))
    return _converted(np.pad(frames, ((reach, after), (0, 0))), matrix, count, ratio)[:length]


def resample_blocks(blocks: Iterable[Frames], rate: float) -> Iterator[Frames]:
    """Like `resample`, holding one block in memory at a time."""
    ratio = _ratio(rate)
    if ratio == 1:
        yield from blocks
        return
    up, down = ratio.numerator, ratio.denominator
    matrix, reach = _matrix(up, down)
    frames_in = frames_out = 0
    waiting: Frames | None = None
    for block in blocks:
        before = np.zeros((reach, block.shape[1]), np.float32) if waiting is None else waiting
        waiting = np.concatenate((before, block))
        frames_in += len(block)
        count = max(0, (len(waiting) - 2 * reach) // down)
        if count:
            yield _converted(waiting, matrix, count, ratio)
            frames_out += count * up
            waiting = waiting[count * down :]
    rest = ceil(frames_in * ratio) - frames_out
    if waiting is not None and rest > 0:
        count = ceil(rest / up)
        after = max(0, count * down + 2 * reach - len(waiting))
        yield _converted(np.pad(waiting, ((0, after), (0, 0))), matrix, count, ratio)[:rest]


def _ratio(rate: float) -> Fraction:
    return (SAMPLE_RATE / Fraction(rate)).limit_denominator(MAX_FACTOR)


def _converted(frames: Frames, matrix: NDArray[np.float32], count: int, ratio: Fraction) -> Frames:
    """Convert the next `count` groups of `frames`, which begin `reach` samples before them."""
    up, down = ratio.numerator, ratio.denominator
    converted = np.empty((count * up, frames.shape[1]), dtype=np.float32)
    for channel, row in enumerate(frames.T):
        windows = sliding_window_view(np.ascontiguousarray(row), len(matrix))
        converted[:, channel] = (windows[: count * down : down] @ matrix).reshape(-1)
    return converted


@lru_cache(maxsize=16)
def _matrix(up: int, down: int) -> tuple[NDArray[np.float32], int]:
    """Return a matrix from `down` + 2 * reach samples to `up`, and the reach on each side."""
    cutoff = PASSBAND * min(1.0, up / down)
    reach = int(np.ceil(ZERO_CROSSINGS / cutoff))
    places = np.arange(up) * (down / up) + reach
    distance = places - np.arange(down + 2 * reach)[:, None]
    inside = np.abs(distance) <= reach
    window = np.i0(KAISER_BETA * np.sqrt(np.where(inside, 1 - (distance / reach) ** 2, 0.0)))
    weights = cutoff * np.sinc(cutoff * distance) * window * inside
    return (weights / weights.sum(axis=0)).astype(np.float32), reach
