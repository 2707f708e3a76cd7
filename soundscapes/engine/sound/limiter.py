"""A transparent look-ahead limiter for the few peaks that loudness alone would drive too high."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import minimum_filter1d
from scipy.signal import fftconvolve, windows

from soundscapes.engine.sound.loudness import TAPS, peaks_between
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, Planar

REACH = SAMPLE_RATE // 200
CONTEXT = 2 * REACH + TAPS
"""Samples on either side of a block that decide about the gain within it."""


def limit(block: Planar, gain: float, ceiling: float) -> Planar:
    """`block` of shape (2, n + 2 * CONTEXT) times `gain`, its middle n samples below `ceiling`.

    The gain that every sample needs is held for 5 ms on either side and smoothed by a Hann window
    of that length, so it is never above what is needed, and never steps. Both channels share it,
    which keeps the places of sounds where they are. After Giannoulis, Massberg and Reiss, "Digital
    Dynamic Range Compressor Design", JAES 2012.
    """
    scaled = block * np.float32(gain)
    middle = scaled[:, CONTEXT:-CONTEXT]
    peaks = np.abs(scaled).max(axis=0)
    for row in scaled:
        indices, between = peaks_between(row, ceiling / 2)
        np.maximum.at(peaks, indices, between)
        np.maximum.at(peaks, indices + 1, between)
    if peaks.max() <= ceiling:
        return middle
    return middle * _smooth_gain(np.minimum(1, ceiling / np.maximum(peaks, ceiling)))


def _smooth_gain(needed: Mono) -> Mono:
    held = minimum_filter1d(needed, 2 * REACH + 1)
    window = windows.hann(2 * REACH + 1)
    smooth = fftconvolve(held, window / window.sum(), "same")
    return np.asarray(smooth[CONTEXT:-CONTEXT], dtype=np.float32)
