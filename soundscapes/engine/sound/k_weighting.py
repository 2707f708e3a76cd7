"""K-weighting of ITU-R BS.1770-4 as matrix products.

In state space, a stretch's output is its product with the filter's response plus the effect of its
initial state. States are summed by group, then by doubling (Blelloch, "Prefix sums and their
applications", 1990) until a state vanishes in float32. The result equals the recursive filter's,
takes less than half the time and needs only numpy.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundscapes.engine.sound.samples import SAMPLE_RATE, Planar

Matrix = NDArray[np.float64]

STRETCH = 42
"""Samples per product; divides the 100 ms steps of the loudness measurement."""

GROUP = 15
"""Stretches summed at once; GROUP * STRETCH also divides the 100 ms."""

FORGOTTEN = 1e-9


@dataclass(frozen=True, slots=True)
class _Section:
    """A second-order filter in state space (transposed direct form II)."""

    a: Matrix
    b: Matrix
    c: Matrix
    d: float


def _section(b: tuple[float, float, float], a: tuple[float, float, float]) -> _Section:
    b0, b1, b2 = (value / a[0] for value in b)
    a1, a2 = a[1] / a[0], a[2] / a[0]
    return _Section(
        np.array([[-a1, 1.0], [-a2, 0.0]]),
        np.array([b1 - a1 * b0, b2 - a2 * b0]),
        np.array([1.0, 0.0]),
        b0,
    )


def _high_shelf(gain_db: float, quality: float, frequency: float) -> _Section:
    """After R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients"."""
    amplitude = 10 ** (gain_db / 40)
    angle = 2 * math.pi * frequency / SAMPLE_RATE
    cosine, alpha = math.cos(angle), math.sin(angle) / (2 * quality)
    root = 2 * math.sqrt(amplitude) * alpha
    up, down = amplitude + 1, amplitude - 1
    return _section(
        (
            amplitude * (up + down * cosine + root),
            -2 * amplitude * (down + up * cosine),
            amplitude * (up + down * cosine - root),
        ),
        (up - down * cosine + root, 2 * (down - up * cosine), up - down * cosine - root),
    )


def _high_pass(quality: float, frequency: float) -> _Section:
    angle = 2 * math.pi * frequency / SAMPLE_RATE
    cosine, alpha = math.cos(angle), math.sin(angle) / (2 * quality)
    half = (1 + cosine) / 2
    return _section((half, -1 - cosine, half), (1 + alpha, -2 * cosine, 1 - alpha))


def _cascade(first: _Section, second: _Section) -> _Section:
    none = np.zeros((2, 2))
    return _Section(
        np.block([[first.a, none], [np.outer(second.b, first.c), second.a]]),
        np.concatenate((first.b, second.b * first.d)),
        np.concatenate((second.d * first.c, second.c)),
        first.d * second.d,
    )


K_WEIGHTING = _cascade(_high_shelf(4.0, 1 / math.sqrt(2), 1500.0), _high_pass(0.5, 38.0))
"""BS.1770's two filters at 44.1 kHz, with the parameters of B. De Man, "Evaluation of
implementations of the EBU R128 loudness measurement", AES 145, 2018."""


class KWeighting:
    def __init__(self) -> None:
        self._state = np.zeros((2, 4), dtype=np.float32)

    def filter(self, block: Planar) -> Planar:
        """Weight the next n samples, shape (2, n), to (2, n / STRETCH, STRETCH).

        n must be a multiple of GROUP * STRETCH.
        """
        stretches = block.reshape(2, -1, STRETCH)
        states = self._states(stretches @ TO_STATE)
        weighted = stretches @ RESPONSE
        weighted += states[:, :-1] @ FROM_STATE
        self._state = states[:, -1]
        return weighted

    def _states(self, added: Planar) -> Planar:
        """Return the states before every stretch and after the last: (2, stretches + 1, 4)."""
        within = added.reshape(2, -1, 4 * GROUP) @ WITHIN
        begins = np.concatenate((self._state[:, None], within[..., -4:]), axis=1)
        reach = 1
        for power in POWERS:
            if reach >= begins.shape[1]:
                break
            begins[:, reach:] += begins[:, :-reach] @ power
            reach *= 2
        within += begins[:, :-1] @ SPREAD
        return np.concatenate((self._state[:, None], within.reshape(2, -1, 4)), axis=1)


def _matrices() -> tuple[Planar, ...]:
    k = K_WEIGHTING
    steps = [np.eye(4)]
    for _ in range(STRETCH):
        steps.append(k.a @ steps[-1])
    heard = np.array([k.d, *(k.c @ step @ k.b for step in steps[: STRETCH - 1])])
    response = np.zeros((STRETCH, STRETCH))
    for row in range(STRETCH):
        response[row, row:] = heard[: STRETCH - row]
    to_state = np.array([step @ k.b for step in steps[STRETCH - 1 :: -1]])
    from_state = np.array([k.c @ step for step in steps[:STRETCH]]).T
    return tuple(matrix.astype(np.float32) for matrix in (response, to_state, from_state))


def _scan_matrices() -> tuple[Planar, Planar, list[Planar]]:
    """Return matrices that sum a group's states, spread its first, carry it 1, 2, 4 ... groups."""
    stretch = np.linalg.matrix_power(K_WEIGHTING.a, STRETCH).T
    steps = [np.linalg.matrix_power(stretch, number) for number in range(GROUP + 1)]
    none = np.zeros((4, 4))
    within = np.block(
        [[steps[to - at] if to >= at else none for to in range(GROUP)] for at in range(GROUP)]
    )
    powers, power = [], steps[GROUP]
    while np.abs(power).max() > FORGOTTEN:
        powers.append(power.astype(np.float32))
        power = power @ power
    return within.astype(np.float32), np.hstack(steps[1:]).astype(np.float32), powers


RESPONSE, TO_STATE, FROM_STATE = _matrices()
WITHIN, SPREAD, POWERS = _scan_matrices()
