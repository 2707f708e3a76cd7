"""Integrated loudness and true peak by ITU-R BS.1770-4, block by block."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from soundscapes.engine.sound.blas import single_threaded
from soundscapes.engine.sound.k_weighting import STRETCH, KWeighting
from soundscapes.engine.sound.samples import SAMPLE_RATE, Frames, Mono, Planar, mono, to_ratio

SILENCE_LUFS = -70.0
"""BS.1770's absolute gate; anything quieter counts as silence."""

HOP = SAMPLE_RATE // 10
HOPS_PER_GATE = 4
RELATIVE_GATE = 0.1
LEVELLING_ROUNDS = 8
OFFSET_LUFS = -0.691

OVERSAMPLING = 8
TAPS = 20
CANDIDATE_RATIO = 0.4


class LoudnessMeter:
    """Collects the K-weighted power of every 100 ms for the gated loudness."""

    def __init__(self) -> None:
        self._powers: list[NDArray[np.float64]] = []
        self._weighting = KWeighting()
        self._rest: Planar = np.zeros((2, 0), dtype=np.float32)

    def feed(self, block: Planar) -> None:
        joined = np.concatenate((self._rest, block), axis=1) if self._rest.size else block
        whole = joined.shape[1] // HOP * HOP
        self._rest = joined[:, whole:].copy()
        if whole:
            weighted = self._weighting.filter(np.ascontiguousarray(joined[:, :whole]))
            powers = np.einsum("csn,csn->s", weighted, weighted).reshape(-1, HOP // STRETCH)
            self._powers.append(powers.sum(axis=1, dtype=np.float64) / HOP)

    @property
    def powers(self) -> NDArray[np.float64]:
        """The K-weighted power of every whole HOP so far."""
        return np.concatenate((np.empty(0), *self._powers))

    def loudness(self) -> float:
        """Return integrated loudness in LUFS, or SILENCE_LUFS if all gates reject it."""
        return gated_loudness(self.powers)


def gated_loudness(powers: NDArray[np.float64]) -> float:
    """Return the loudness of K-weighted powers, one per HOP, as `LoudnessMeter.loudness` does."""
    if len(powers) < HOPS_PER_GATE:
        return SILENCE_LUFS
    gates = np.convolve(powers, np.full(HOPS_PER_GATE, 1 / HOPS_PER_GATE), "valid")
    gates = gates[gates >= _power(SILENCE_LUFS)]
    gates = gates[gates > gates.mean() * RELATIVE_GATE] if len(gates) else gates
    return float(OFFSET_LUFS + 10 * np.log10(gates.mean())) if len(gates) else SILENCE_LUFS


def levelling_gain(powers: NDArray[np.float64], target_lufs: float) -> float:
    """Return the gain with which K-weighted powers have the target loudness; 1 for silence."""
    gain = 1.0
    if gated_loudness(powers) > SILENCE_LUFS:
        for _ in range(LEVELLING_ROUNDS):
            # The absolute gate does not move with the gain, so one step may not be enough.
            gain *= to_ratio(target_lufs - gated_loudness(powers * gain**2))
    return gain


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_LUFS) / 10))


def _interpolator() -> NDArray[np.float32]:
    """Return polyphase filters, shape (TAPS, OVERSAMPLING - 1), for values between samples."""
    half = TAPS // 2 * OVERSAMPLING
    places = np.arange(-half, half + 1) / OVERSAMPLING
    prototype = np.sinc(places) * np.kaiser(len(places), 5.0)
    phases = [prototype[phase::OVERSAMPLING][::-1] for phase in range(1, OVERSAMPLING)]
    return np.stack(phases, axis=1).astype(np.float32)


INTERPOLATOR = _interpolator()


def peaks_between(row: Mono, threshold: float) -> tuple[NDArray[np.intp], Mono]:
    """Return the positions and heights of peaks between samples.

    Positions are indices, in any order, whose sample or next sample reaches `threshold` in
    magnitude. Heights are the largest magnitudes in between. TAPS / 2 samples at either end are
    left out.
    """
    half = TAPS // 2
    loud = np.flatnonzero(np.abs(row) >= threshold)
    before = loud[np.diff(loud, prepend=-2) > 1] - 1
    indices = np.concatenate((before, loud))
    indices = indices[(indices >= half - 1) & (indices < len(row) - half)]
    window = np.arange(1 - half, half + 1)
    between = row[indices[:, None] + window] @ INTERPOLATOR
    return indices, mono(np.abs(between).max(axis=1))


class TruePeakMeter:
    """Measures the true peak by 8x oversampling.

    Only samples near the peak are interpolated. Between quieter ones the signal stays below it,
    unless nearly all energy is close to half the sample rate.
    """

    def __init__(self) -> None:
        self.peak = 0.0
        self._tail: Planar = np.zeros((2, TAPS), dtype=np.float32)

    def feed(self, block: Planar) -> None:
        joint = np.concatenate((self._tail, block[:, :TAPS]), axis=1)
        self._tail = np.concatenate((self._tail, block[:, -TAPS:]), axis=1)[:, -TAPS:]
        for part in (joint, block):
            for row in part:
                self._look(row)

    def _look(self, row: Mono) -> None:
        greatest = max(float(row.max(initial=0.0)), -float(row.min(initial=0.0)))
        self.peak = max(self.peak, greatest)
        if len(row) <= TAPS or not 0 < self.peak * CANDIDATE_RATIO <= greatest:
            return
        _, between = peaks_between(row, self.peak * CANDIDATE_RATIO)
        self.peak = max(self.peak, float(between.max(initial=0.0)))


def measure_loudness(samples: Mono | Frames) -> float:
    """Return integrated LUFS of a sound as the mixer plays it with a gain of 1.

    A mono sound, shape (n,) or (n, 1), is heard from one side; of a stereo sound, shape (n, 2),
    each channel has half the power. Silence pads it to BS.1770's window of 400 ms.
    """
    return measure_blocks([samples])


def _as_played(block: Mono | Frames) -> Planar:
    if block.ndim == 2 and block.shape[1] == 2:
        return np.ascontiguousarray(block.T * np.float32(2**-0.5))
    row = block.reshape(-1)
    return np.stack((row, np.zeros_like(row)))


@single_threaded
def measure_blocks(blocks: Iterable[Mono | Frames]) -> float:
    """Return the loudness of everything so far, as `measure_loudness` does."""
    meter = LoudnessMeter()
    silence = (HOPS_PER_GATE + 1) * HOP
    for block in blocks:
        meter.feed(_as_played(block))
        silence -= len(block)
    meter.feed(np.zeros((2, max(0, silence)), dtype=np.float32))
    return meter.loudness()
