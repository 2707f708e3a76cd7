"""A decorrelator whose copy is in quadrature: each ear hears every tone at the sound's level.

Where a copy is a quarter of a turn ahead of a sound or behind it, adding it and subtracting it turn
the phase one way and the other, and change both levels alike. So filters of zero phase (cosines of
a phase that wanders with frequency) follow a Hilbert transform (A. V. Oppenheim and R. W. Schafer,
"Discrete-Time Signal Processing", chapter 12). They reach as far back as ahead, so they are short:
a click masks what comes a few milliseconds before it.

All phases turn to and fro, so that no tone stays on one side. They do so in the time of a stretch
of a bed, and begin anywhere: a moment of a recording comes again and again, and would always come
from the same side if its phases were its own.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, Planar

DELAY = 0.006  # seconds, before and after
SPACING = 80.0  # Hz between independent delays
LOWEST = 400.0  # Hz; far below it, both ears hear the same, as a head is small there

SIZE, REACH = 2**15, 2**11  # samples of a transform, and of them for what sounds before and after

SWAY = 2.404826  # radians: with the first zero of the Bessel function J0, phases cancel on average
RATES = (0.7, 2.4)  # turns to and fro a second
PERIOD = 10 * SAMPLE_RATE  # of all rates together


def write_parts(sound: Mono, parts: Planar) -> None:
    """Write two parts of a copy, shape (2, n), for `turned`."""
    length, step = len(sound), SIZE - 2 * REACH
    for start in range(0, length, step):
        before = min(REACH, start)
        around = np.zeros(SIZE, dtype=np.float32)
        heard = sound[start - before : start + SIZE - REACH]
        around[REACH - before : REACH - before + len(heard)] = heard
        piece = np.fft.irfft(np.fft.rfft(around) * _responses(), SIZE)[:, REACH : REACH + step]
        parts[:, start : start + step] = piece[:, : length - start]


def turned(parts: Planar, moment: int) -> Mono:
    """Return a copy from its parts. `moment` is that of their beginning, in samples.

    Above `LOWEST` it has the power of the sound, and on average nothing in common with it.
    """
    length = parts.shape[1]
    turns = _turns()
    copy = np.empty(length, dtype=np.float32)
    other = np.empty(min(length, PERIOD), dtype=np.float32)
    done = 0
    while done < length:
        at = (moment + done) % PERIOD
        stop = done + min(length - done, PERIOD - at)
        cosine, sine = turns[:, at : at + stop - done]
        np.multiply(parts[0, done:stop], cosine, out=copy[done:stop])
        copy[done:stop] += np.multiply(parts[1, done:stop], sine, out=other[: stop - done])
        done = stop
    return copy


def beginning(offset: int) -> int:
    """Return at which moment a stretch begins that plays a recording from `offset` on.

    It is any moment, and the same for ever, as raw numbers of the generator are.
    """
    return int(np.random.PCG64(offset).random_raw() % PERIOD)


@lru_cache(maxsize=1)
def _responses() -> NDArray[np.complex64]:
    """Return the filters of both parts, shape (2, SIZE // 2 + 1)."""
    frequencies = np.fft.rfftfreq(SIZE, 1 / SAMPLE_RATE)
    knots = np.arange(0.0, frequencies[-1] + SPACING, SPACING)
    draw = np.random.PCG64(0).random_raw(len(knots)) / 2.0**64
    delays = np.interp(frequencies, knots, DELAY * (2 * draw - 1))
    angles = 2 * np.pi * np.cumsum(delays) * (SAMPLE_RATE / SIZE)
    high = frequencies**2 / np.sqrt(frequencies**4 + LOWEST**4)  # of a Butterworth filter
    quarter = 1j * np.sqrt(2) * high
    return np.stack((quarter * np.cos(angles), -quarter * np.sin(angles))).astype(np.complex64)


@lru_cache(maxsize=1)
def _turns() -> NDArray[np.float32]:
    """Return cosine and sine of the turning phase, shape (2, PERIOD)."""
    time = np.arange(PERIOD) / SAMPLE_RATE
    angles = SWAY * sum(np.sin(2 * np.pi * rate * time) for rate in RATES)
    return np.stack((np.cos(angles), np.sin(angles))).astype(np.float32)
