"""Butterworth filters as second-order sections, faster to design than by `scipy.signal.butter`.

Poles of the analogue prototype, the transformation to a band, and the bilinear transformation (A.
V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", chapter 7). Frequencies are
relative to the sampling rate.
"""

import cmath
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Sections = NDArray[np.float64]
Poles = tuple[complex, complex | None]
"""Of a section, in the analogue domain."""


def lowpass(frequency: float, order: int) -> Sections:
    edge = _warped(frequency)
    return _sections([_pair(edge * pole) for pole in _prototype(order)], (1.0, 1.0), 1.0)


def highpass(frequency: float, order: int) -> Sections:
    edge = _warped(frequency)
    return _sections([_pair(edge / pole) for pole in _prototype(order)], (1.0, -1.0), -1.0)


def bandpass(low: float, high: float, order: int) -> Sections:
    first, last = _warped(low), _warped(high)
    pairs: list[Poles] = []
    for prototype in _prototype(order):
        half = prototype * (last - first) / 2
        root = cmath.sqrt(half * half - first * last)
        one, other = half + root, half - root
        pairs += [_pair(one), _pair(other)] if prototype.imag else [(one, other)]
    middle = cmath.exp(2j * math.atan(math.sqrt(first * last)))
    return _sections(pairs, (1.0, 0.0, -1.0), middle)


def _warped(frequency: float) -> float:
    return math.tan(math.pi * frequency)


def _prototype(order: int) -> list[complex]:
    """Return the poles on the unit circle whose imaginary part is not negative."""
    count = order // 2
    poles = [cmath.exp(1j * math.pi * (2 * k + order + 1) / (2 * order)) for k in range(count)]
    return [*poles, complex(-1)] if order % 2 else poles


def _pair(pole: complex) -> Poles:
    return (pole, pole.conjugate()) if pole.imag else (pole, None)


def _sections(pairs: Sequence[Poles], zeros: Sequence[float], passed: complex) -> Sections:
    """Return sections of gain 1 at `passed` on the unit circle.

    `zeros` is the numerator for each section of a band, and for each pole of the others.
    """
    rows = []
    for one, other in pairs:
        first, second = _bilinear(one), 0.0 if other is None else _bilinear(other)
        above = np.convolve(zeros, zeros if len(zeros) == 2 and other is not None else (1.0,))
        below = np.array([1.0, -(first + second).real, (first * second).real])
        above = np.pad(above, (0, 3 - len(above)))
        powers = passed ** np.arange(0, -3, -1)
        rows.append(np.concatenate((above * abs(below @ powers) / abs(above @ powers), below)))
    return np.array(rows)


def _bilinear(pole: complex) -> complex:
    return (1 + pole) / (1 - pole)
