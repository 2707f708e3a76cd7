"""Audio signals of the engine: float32 at 44.1 kHz, full scale at -1 and 1."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

SAMPLE_RATE = 44100

Mono = NDArray[np.float32]
"""Shape (n,)."""

Frames = NDArray[np.float32]
"""Shape (n, channels): interleaved, as in files."""

Planar = NDArray[np.float32]
"""Shape (channels, n): one row per channel, as in the mixer."""


def mono(values: ArrayLike) -> Mono:
    """Convert any real type to float32."""
    return np.asarray(values, dtype=np.float32)


def to_decibels(ratio: float) -> float:
    """Convert an amplitude ratio to dB; zero gives -inf."""
    return float(20 * np.log10(ratio)) if ratio > 0 else float("-inf")


def to_ratio(decibels: float) -> float:
    return float(10 ** (decibels / 20))
