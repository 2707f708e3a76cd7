"""The all-pass decorrelator of earlier plans, whose copy has the sound's spectrum at every moment.

An all-pass filter gives every frequency a delay of its own (G. S. Kendall, "The decorrelation of
audio signals and its impact on spatial imagery", Computer Music Journal 19(4), 1995). So that no
tone stays on one side, and the ears do not share one filter, as coherent sources do, all phases
turn to and fro: single-sideband modulation, which keeps the level of a tone and moves it by a few
hertz. To switch filters instead would change the level of all that rings while it happens, and
spread tones into bands where the sound has nothing. Nothing differs far below 400 Hz, where a head
is small and both ears hear the same.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono

FIRST, LAST = 0.002, 0.03  # seconds of delay
SPACING = 80.0  # Hz between independent delays
LOWEST = 400.0  # Hz, the corner of what differs

SIZE, TAIL = 2**15, 2**12  # samples of a transform, and of them for what sounds on

SWAY = 2.404826  # radians: with the first zero of the Bessel function J0, phases cancel on average
RATES = (0.9, 1.5, 2.3)  # turns to and fro a second
PERIOD = 10 * SAMPLE_RATE  # of all rates together


def all_pass(sound: Mono) -> Mono:
    """Return a copy of equal power above `LOWEST` that shares nothing with the sound on average."""
    copy = np.zeros(len(sound), dtype=np.float32)
    response, (cosine, sine) = _response(), _turns()
    for start in range(0, len(sound), SIZE - TAIL):
        spectrum = np.fft.rfft(sound[start : start + SIZE - TAIL], SIZE) * response
        target, at = copy[start : start + SIZE], start % PERIOD
        for part, level in ((spectrum, cosine), (-1j * spectrum, sine)):
            piece = np.fft.irfft(part, SIZE)
            piece *= level[at : at + SIZE]
            target += piece[: len(target)]
    return copy


@lru_cache(maxsize=1)
def _response() -> NDArray[np.complex64]:
    """Return an all-pass of random delays behind a high-pass of the second order.

    It is the same for ever, as raw numbers of the generator are.
    """
    frequencies = np.fft.rfftfreq(SIZE, 1 / SAMPLE_RATE)
    knots = np.arange(0.0, frequencies[-1] + SPACING, SPACING)
    draw = np.random.PCG64(0).random_raw(len(knots)) / 2.0**64
    delays = np.interp(frequencies, knots, FIRST * (LAST / FIRST) ** draw)
    angles = 2 * np.pi * np.cumsum(delays) * (SAMPLE_RATE / SIZE)
    s = 1j * frequencies / LOWEST
    high = s**2 / (s**2 + np.sqrt(2) * s + 1)
    return np.asarray(high * np.exp(-1j * angles), dtype=np.complex64)


@lru_cache(maxsize=1)
def _turns() -> NDArray[np.float32]:
    """Return cosine and sine of the phase, shape (2, PERIOD + SIZE)."""
    time = np.arange(PERIOD + SIZE) / SAMPLE_RATE
    angles = SWAY * sum(np.sin(2 * np.pi * (rate * time + k / 3)) for k, rate in enumerate(RATES))
    return np.stack((np.cos(angles), np.sin(angles))).astype(np.float32)
