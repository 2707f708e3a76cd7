"""Width: one mono sound for two ears, which hear the same place at the same time.

A decorrelated copy is added in the left ear and subtracted in the right one, so the sum of both is
the sound itself, without a comb. The copy is the sound after velvet noise (Alary, Politis and
Välimäki, "Velvet-noise decorrelator", DAFx 2017), which is as short and as dense as early
reflections. Every quarter of a second another sequence takes over: no tone stays on one side, and
the ears do not share one filter, as coherent sources do. Below 200 Hz, where a head is small, both
ears hear the same.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, Planar

SEQUENCES = 24
PULSES = 1500  # a second
FIRST, LAST = 0.002, 0.035  # seconds after the sound
DECAY_DB = 20.0  # from the first pulse to the last
LOWEST = 200.0  # Hz

SIZE = 1 << 14
FADE = 2000
PIECE = SIZE - round(LAST * SAMPLE_RATE)
STEP = PIECE - FADE


def widened(planar: Planar, width: float) -> Planar:
    """Return a sound of shape (1, n) for two ears, shape (2, n), each with its power.

    `width` is the share of the power, 0 to 0.5, that differs between them. What is stereo already
    is returned as it is.
    """
    if len(planar) > 1:
        return planar
    left, right = ears = np.zeros((2, planar.shape[1]), dtype=np.float32)
    _add_decorrelated(planar[0], left)
    left *= np.float32(np.sqrt(width))
    np.multiply(planar[0], np.float32(np.sqrt(1 - width)), out=right)
    right -= left
    left *= 2  # in place, because a clip may be long
    left += right
    return ears


def _add_decorrelated(sound: Mono, target: Mono) -> None:
    """Filter overlapping pieces by one sequence each, and add them to `target` in equal power.

    Every other cycle of the sequences has the opposite sign, so that nothing is shared on average.
    """
    window, spectra = _window(), _spectra()
    for number, start in enumerate(range(-FADE, len(sound), STEP)):
        before, after = max(0, -start), max(0, start + PIECE - len(sound))
        piece = np.pad(sound[start + before : start + PIECE], (before, after)) * window
        cycle, sequence = divmod(number, SEQUENCES)
        spectrum = np.fft.rfft(piece, SIZE) * spectra[sequence] * (-1) ** cycle
        heard = target[start + before : start + SIZE]
        heard += np.fft.irfft(spectrum, SIZE)[before : before + len(heard)]


@lru_cache(maxsize=1)
def _window() -> Mono:
    rise = np.sin((np.arange(FADE) + 0.5) * (np.pi / 2 / FADE))
    window = np.ones(PIECE, dtype=np.float32)
    window[:FADE], window[-FADE:] = rise, rise[::-1]
    return window


@lru_cache(maxsize=1)
def _spectra() -> NDArray[np.complex64]:
    """Return the sequences' transforms, which together have a flat spectrum above `LOWEST`."""
    spectra = np.fft.rfft([_velvet(number) for number in range(SEQUENCES)], SIZE)
    frequencies = np.fft.rfftfreq(SIZE, 1 / SAMPLE_RATE)
    power = np.square(np.abs(spectra)).mean(axis=0)
    rise = frequencies**2 / (frequencies**2 + LOWEST**2)
    return np.asarray(spectra * (rise / np.sqrt(power)), dtype=np.complex64)


def _velvet(number: int) -> NDArray[np.float64]:
    """Return one pulse of either sign in every stretch of the grid.

    The generator's raw numbers, unlike its distributions, are the same in every release of numpy.
    """
    grid = SAMPLE_RATE // PULSES
    starts = np.arange(round(FIRST * SAMPLE_RATE), round(LAST * SAMPLE_RATE) - grid, grid)
    draw = np.random.PCG64(number).random_raw(2 * len(starts)).reshape(2, -1) >> np.uint64(11)
    places = starts + (draw[0] % np.uint64(grid)).astype(np.int64)
    decay = np.linspace(0, -DECAY_DB / 20, len(starts))
    sequence = np.zeros(round(LAST * SAMPLE_RATE))
    sequence[places] = np.where(draw[1] % np.uint64(2), 1.0, -1.0) * 10**decay
    return sequence
