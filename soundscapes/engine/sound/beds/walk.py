"""Slow random walks: how weather and animals come and go over minutes."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

MEMORY = 60.0  # seconds
FASTEST = 12.0  # seconds of a period
MOST = 2.0  # the greatest value


class Walk:
    """An Ornstein-Uhlenbeck process (Physical Review 36, 1930) on a ring of `duration` seconds.

    It is the sum of its first harmonics, so it closes; its standard deviation is 0.7 in a long ring
    and less in a short one, which has no time to change.
    """

    def __init__(self, duration: float, random: Generator) -> None:
        count = max(1, int(duration / FASTEST))
        self._rates = 2 * np.pi * np.arange(1, count + 1) / duration
        power = (4 * MEMORY / duration) / (1 + np.square(self._rates * MEMORY))
        self._weights = np.sqrt(power / 2) * random.normal(size=(2, count))

    def at(self, times: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the value at times in seconds, within `MOST` of zero."""
        angles = np.multiply.outer(np.asarray(times), self._rates)
        even, odd = self._weights
        values = np.cos(angles) @ even + np.sin(angles) @ odd
        return np.asarray(np.clip(values, -MOST, MOST), dtype=np.float64)
