"""Integrated loudness and true peak by ITU-R BS.1770-4, measured block by block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyloudnorm.iirfilter import IIRfilter
from scipy import signal

from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, Planar, mono

SILENCE_LUFS = -70.0
"""BS.1770's absolute gate: what is no louder counts as silence."""

HOP = SAMPLE_RATE // 10
HOPS_PER_GATE = 4
RELATIVE_GATE = 0.1
OFFSET_LUFS = -0.691

OVERSAMPLING = 4
TAPS = 20
CANDIDATE_RATIO = 0.5


def _section(gain: float, quality: float, frequency: float, kind: str) -> list[float]:
    biquad = IIRfilter(gain, quality, frequency, SAMPLE_RATE, kind)  # type: ignore[no-untyped-call]
    return [*biquad.b, *biquad.a]


K_WEIGHTING = np.array(
    [
        _section(4.0, 1 / np.sqrt(2), 1500.0, "high_shelf"),
        _section(0.0, 0.5, 38.0, "high_pass"),
    ]
)
"""BS.1770's two filters as second-order sections, as pyloudnorm designs them."""


class LoudnessMeter:
    """Gathers the K-weighted power of every 100 ms, from which the gated loudness follows."""

    def __init__(self) -> None:
        self._powers: list[NDArray[np.float64]] = []
        self._state = np.zeros((len(K_WEIGHTING), 2, 2))
        self._rest = np.zeros((2, 0))

    def feed(self, block: Planar) -> None:
        """Take in the next samples, shape (2, n)."""
        weighted, self._state = signal.sosfilt(
            K_WEIGHTING, block.astype(np.float64), axis=1, zi=self._state
        )
        joined = np.concatenate((self._rest, weighted), axis=1)
        whole = joined.shape[1] // HOP * HOP
        self._rest = joined[:, whole:]
        hops = joined[:, :whole].reshape(2, -1, HOP)
        self._powers.append(np.einsum("chn,chn->h", hops, hops) / HOP)

    def loudness(self, gain: float = 1.0) -> float:
        """The integrated loudness in LUFS of what was fed, had it been multiplied by `gain`.

        SILENCE_LUFS where nothing passes the gates.
        """
        if sum(map(len, self._powers)) < HOPS_PER_GATE:
            return SILENCE_LUFS
        hops = np.concatenate(self._powers) * gain**2
        gates = np.convolve(hops, np.full(HOPS_PER_GATE, 1 / HOPS_PER_GATE), "valid")
        gates = gates[gates >= _power(SILENCE_LUFS)]
        gates = gates[gates > gates.mean() * RELATIVE_GATE] if len(gates) else gates
        return float(OFFSET_LUFS + 10 * np.log10(gates.mean())) if len(gates) else SILENCE_LUFS


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_LUFS) / 10))


def _interpolator() -> NDArray[np.float32]:
    """Polyphase interpolation filters, shape (TAPS, OVERSAMPLING - 1): the samples in between."""
    half = TAPS // 2 * OVERSAMPLING
    prototype = signal.firwin(2 * half + 1, 1 / OVERSAMPLING, window=("kaiser", 5.0))
    phases = [prototype[phase::OVERSAMPLING][::-1] for phase in range(1, OVERSAMPLING)]
    return (np.stack(phases, axis=1) * OVERSAMPLING).astype(np.float32)


INTERPOLATOR = _interpolator()


def peaks_between(row: Mono, threshold: float) -> tuple[NDArray[np.intp], Mono]:
    """Where, and how high, the signal rises between its samples.

    Gives the indices whose sample or whose next sample reaches `threshold` in magnitude, and the
    largest magnitude between the two; TAPS / 2 samples at either end are left out.
    """
    half = TAPS // 2
    loud = np.abs(row) >= threshold
    indices = np.flatnonzero(loud[half - 1 : -half - 1] | loud[half:-half]) + (half - 1)
    window = np.arange(1 - half, half + 1)
    between = row[indices[:, None] + window] @ INTERPOLATOR
    return indices, mono(np.abs(between).max(axis=1))


class TruePeakMeter:
    """The largest magnitude of the signal between its samples, by 4x oversampling.

    Only the surroundings of samples of at least half the peak are interpolated: what lies between
    two quieter samples stays below it, unless nearly all the energy is next to half the sample
    rate.
    """

    def __init__(self) -> None:
        self.peak = 0.0
        self._tail: Planar = np.zeros((2, TAPS), dtype=np.float32)

    def feed(self, block: Planar) -> None:
        """Take in the next samples, shape (2, n)."""
        extended = np.concatenate((self._tail, block), axis=1)
        self._tail = extended[:, -TAPS:].copy()
        self.peak = max(self.peak, float(np.abs(block).max(initial=0.0)))
        if not self.peak:
            return
        for row in extended:
            _, between = peaks_between(row, self.peak * CANDIDATE_RATIO)
            self.peak = max(self.peak, float(between.max(initial=0.0)))


def measure_loudness(samples: Mono) -> float:
    """The integrated loudness in LUFS of a mono sound, shape (n,), as it is heard from one side.

    A sound shorter than BS.1770's window of 400 ms is measured with silence after it.
    """
    padded = np.zeros((2, max(len(samples), (HOPS_PER_GATE + 1) * HOP)), dtype=np.float32)
    padded[0, : len(samples)] = samples
    meter = LoudnessMeter()
    meter.feed(padded)
    return meter.loudness()
