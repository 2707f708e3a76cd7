"""The limiter acts only where the ceiling requires it."""

import numpy as np
import pytest
from scipy import signal

from soundscapes.engine.sound.limiter import CONTEXT, limiting_gain
from soundscapes.engine.sound.loudness import TruePeakMeter
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import noise

CEILING = 0.8


def tone(level: float, frequency: float = 440.0) -> np.ndarray:
    turns = frequency / SAMPLE_RATE * np.arange(SAMPLE_RATE + 2 * CONTEXT)
    return np.tile(level * np.sin(2 * np.pi * turns), (2, 1)).astype(np.float32)


def test_quiet_blocks_get_the_plain_gain():
    for level in (0.1, 0.39):
        assert limiting_gain(tone(level), 2.0, CEILING) == np.float32(2.0)


def test_peaks_are_limited_and_the_rest_is_left_alone():
    block = tone(0.2)
    loud = slice(SAMPLE_RATE // 2, SAMPLE_RATE // 2 + 2000)
    block[:, loud] *= 4
    gain = limiting_gain(block, 2.0, CEILING)
    middle = block[:, CONTEXT:-CONTEXT] * gain
    assert gain.shape == (SAMPLE_RATE,)
    assert np.abs(middle).max() <= CEILING + 1e-6
    assert gain.max() <= 2.0
    assert np.allclose(gain[: SAMPLE_RATE // 4], 2.0)


def test_peaks_between_the_samples_count():
    """A quarter of the sample rate, off phase: samples of 0.71 for a peak of 1."""
    places = np.arange(SAMPLE_RATE + 2 * CONTEXT)
    row = (0.5 * np.sin(np.pi / 2 * places + np.pi / 4)).astype(np.float32)
    gain = limiting_gain(np.stack((row, row)), 2.0, CEILING)
    assert np.max(gain) <= CEILING / 0.5 + 0.02


def test_the_limiter_holds_the_ceiling_and_leaves_the_rest_alone():
    samples = noise(2.0, 6, 0.05, channels=2)
    samples[SAMPLE_RATE] = 1.5
    planar = samples.T
    limited = planar[:, CONTEXT:-CONTEXT] * limiting_gain(planar, 1.0, 0.8)
    meter = TruePeakMeter()
    meter.feed(limited)
    assert meter.peak <= 0.8 * 1.02
    untouched = slice(0, SAMPLE_RATE // 2)
    kept = planar[:, CONTEXT:-CONTEXT]
    assert np.allclose(limited[:, untouched], kept[:, untouched], rtol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_limiter_holds_peaks_between_a_quiet_sample_and_a_loud_one(seed):
    random = np.random.default_rng(seed)
    spikes = random.normal(0, 1, (2, SAMPLE_RATE)) * (random.random(SAMPLE_RATE) < 0.1)
    spikes = spikes.astype(np.float32)
    limited = spikes[:, CONTEXT:-CONTEXT] * limiting_gain(spikes, 1.5, 0.8)
    assert np.abs(signal.resample_poly(limited, 4, 1, axis=1)).max() <= 0.8 * 1.005
