"""The meters agree with the reference implementation and with plain oversampling."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from soundscapes.engine.sound.loudness import (
    SILENCE_LUFS,
    LoudnessMeter,
    TruePeakMeter,
    measure_loudness,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import noise, tone


def feed(meter, planar, size):
    for start in range(0, planar.shape[1], size):
        meter.feed(planar[:, start : start + size])
    return meter


def low_tone():
    return np.repeat(tone(4.0, 55, 0.8), 2, axis=1)


def bursts():
    """Intermittent noise, so that the relative gate excludes something."""
    samples = noise(12.0, 4, 0.2, channels=2)
    samples[SAMPLE_RATE * 3 : SAMPLE_RATE * 9] *= 0.01
    return samples


SIGNALS = {
    "white noise": lambda: noise(5.0, 1, 0.1, channels=2),
    "a quiet hiss": lambda: noise(5.0, 2, 0.001, channels=2),
    "a low tone": low_tone,
    "a high tone": lambda: np.repeat(tone(3.0, 9000, 0.3), 2, axis=1),
    "bursts": bursts,
    "left alone": lambda: noise(5.0, 3, 0.1, channels=2) * np.array([1, 0], dtype=np.float32),
}


@pytest.mark.parametrize("name", SIGNALS)
def test_loudness_matches_pyloudnorm(name):
    samples = SIGNALS[name]()
    expected = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples.astype(np.float64))
    assert feed(LoudnessMeter(), samples.T, 50_000).loudness() == pytest.approx(expected, abs=0.02)


def test_the_block_size_does_not_change_a_measurement():
    planar = SIGNALS["bursts"]().T
    results = {
        (feed(LoudnessMeter(), planar, size).loudness(), feed(TruePeakMeter(), planar, size).peak)
        for size in (1000, 44_100, 100_000, planar.shape[1])
    }
    loudnesses, peaks = zip(*results, strict=True)
    assert np.ptp(loudnesses) < 1e-3
    assert np.ptp(peaks) < 1e-4


def test_silence_is_at_the_absolute_gate():
    assert measure_loudness(np.zeros(SAMPLE_RATE, dtype=np.float32)) == SILENCE_LUFS
    assert measure_loudness(np.zeros(0, dtype=np.float32)) == SILENCE_LUFS


def test_a_sound_shorter_than_a_gating_block_is_measured():
    assert SILENCE_LUFS < measure_loudness(tone(0.05, 1000)[:, 0]) < 0


@pytest.mark.parametrize("frequency", [997.0, 5000.0, SAMPLE_RATE / 4, 13_000.0])
def test_true_peak_includes_peaks_between_samples(frequency):
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    row = 0.5 * np.sin(2 * np.pi * frequency * time + np.pi / 4) * np.hanning(len(time))
    planar = np.stack([row, row]).astype(np.float32)
    expected = np.abs(signal.resample_poly(row, 4, 1)).max()
    assert feed(TruePeakMeter(), planar, 10_000).peak == pytest.approx(expected, rel=0.01)
