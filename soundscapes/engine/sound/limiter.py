"""A transparent look-ahead limiter for the few peaks that loudness alone would drive too high."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundscapes.engine.sound.loudness import CANDIDATE_RATIO, TAPS, peaks_between
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, Planar

REACH = SAMPLE_RATE // 200
CONTEXT = 2 * REACH + TAPS
"""Samples on either side of a block that decide about the gain within it."""


def limiting_gain(block: Planar, gain: float, ceiling: float) -> Mono | np.float32:
    """What brings `block` times `gain` below `ceiling`: shape (n,), `gain` or less; plainly `gain`
    where nothing in the block reaches the ceiling.

    `block` has the shape (2, n + 2 * CONTEXT); the gain is that of its middle n samples.

    The gain that every sample needs is held for 5 ms on either side and smoothed over as long, so
    it is never above what is needed, and never steps. Both channels share it,
    which keeps the places of sounds where they are. After Giannoulis, Massberg and Reiss, "Digital
    Dynamic Range Compressor Design", JAES 2012.
    """
    greatest = max(float(block.max()), -float(block.min()))
    if greatest * gain < ceiling * CANDIDATE_RATIO:
        return np.float32(gain)
    scaled = block * np.float32(gain)
    peaks = np.abs(scaled).max(axis=0)
    for row in scaled:
        indices, between = peaks_between(row, ceiling * CANDIDATE_RATIO)
        np.maximum.at(peaks, indices, between)
        np.maximum.at(peaks, indices + 1, between)
    if peaks.max() <= ceiling:
        return np.float32(gain)
    needed = np.minimum(1, ceiling / np.maximum(peaks, ceiling))
    return _smooth_gain(needed) * np.float32(gain)


def _smooth_gain(needed: Mono) -> Mono:
    """A running minimum, then two running means, which together reach no further than it."""
    smooth = _running_mean(_running_mean(_running_minimum(needed), REACH + 1), REACH + 1)
    spare = CONTEXT - 2 * REACH
    return np.asarray(smooth[spare:-spare], dtype=np.float32)


def _running_minimum(values: Mono) -> Mono:
    """The least of every 2 * REACH + 1 values; by doubling the stretch that is known."""
    size, known = 2 * REACH + 1, 1
    while known < size:
        step = min(known, size - known)
        values = np.minimum(values[:-step], values[step:])
        known += step
    return values


def _running_mean(values: NDArray[np.floating[Any]], size: int) -> NDArray[np.float64]:
    """The mean of every `size` values, fewer by `size` - 1."""
    sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    return np.asarray((sums[size:] - sums[:-size]) / size)
