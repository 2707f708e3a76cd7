"""A transparent look-ahead limiter for occasional peaks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundscapes.engine.sound.loudness import CANDIDATE_RATIO, TAPS, peaks_between
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, Planar

REACH = SAMPLE_RATE // 200
CONTEXT = 2 * REACH + TAPS
"""Samples on either side of a block that affect the gain within it."""


def limiting_gain(block: Planar, gain: float, ceiling: float) -> Mono | np.float32:
    """Return a gain of shape (n,) that keeps `block` below `ceiling`, or plain `gain`.

    `block` has shape (2, n + 2 * CONTEXT); the gain is for its middle n samples. The required gain
    is held for 5 ms on either side and smoothed over the same time, so it is never exceeded and
    never jumps. Both channels share it, which keeps stereo positions. After Giannoulis, Massberg
    and Reiss, "Digital Dynamic Range Compressor Design", JAES 2012.
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
    """Apply a running minimum, then two running means that together reach no further."""
    smooth = _running_mean(_running_mean(_running_minimum(needed), REACH + 1), REACH + 1)
    spare = CONTEXT - 2 * REACH
    return np.asarray(smooth[spare:-spare], dtype=np.float32)


def _running_minimum(values: Mono) -> Mono:
    """Return the minimum of every 2 * REACH + 1 values, by doubling stretches."""
    size, known = 2 * REACH + 1, 1
    while known < size:
        step = min(known, size - known)
        values = np.minimum(values[:-step], values[step:])
        known += step
    return values


def _running_mean(values: NDArray[np.floating[Any]], size: int) -> NDArray[np.float64]:
    """Return the mean of every `size` values; the result is `size` - 1 values shorter."""
    sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    return np.asarray((sums[size:] - sums[:-size]) / size)
