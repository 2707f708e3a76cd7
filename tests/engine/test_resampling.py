"""Resampling from any rate to 44.1 kHz."""

import numpy as np
import pytest

from soundscapes.engine.sound.resampling import resample, resample_blocks
from soundscapes.engine.sound.samples import SAMPLE_RATE

RATES = [8000, 11025, 22050, 32000, 48000, 96000, 192000, SAMPLE_RATE * 35 / 36]


def tone(rate, frequency, seconds=1.0):
    time = np.arange(round(rate * seconds)) / rate
    return np.sin(2 * np.pi * frequency * time)[:, None].astype(np.float32)


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_keeps_its_pitch(rate):
    converted = resample(tone(rate, 1000), rate)[:, 0]
    expected = tone(SAMPLE_RATE, 1000)[:, 0]
    assert len(converted) == pytest.approx(len(expected), abs=1)
    middle = slice(1000, 40_000)
    assert np.abs(converted[middle] - expected[middle]).max() < 1e-3


@pytest.mark.parametrize("rate", [48000, 96000])
def test_frequencies_above_the_band_are_not_aliased(rate):
    converted = resample(tone(rate, 23_500), rate)
    assert np.sqrt(np.mean(converted[1000:-1000] ** 2)) < 10 ** (-60 / 20)


@pytest.mark.parametrize("count", [1, 2, 17, 1000])
def test_every_length_and_both_channels_are_converted(count):
    random = np.random.default_rng(count)
    frames = random.normal(0, 0.1, (count, 2)).astype(np.float32)
    converted = resample(frames, 22050)
    assert converted.shape == (2 * count, 2)
    assert np.array_equal(converted[:, :1], resample(frames[:, :1], 22050))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("size", [1, 333, 20_000])
def test_resampling_in_blocks_matches_the_whole(rate, size):
    frames = np.random.default_rng(7).normal(0, 0.1, (3001, 2)).astype(np.float32)
    blocks = (frames[start : start + size] for start in range(0, len(frames), size))
    joined = np.concatenate(list(resample_blocks(blocks, rate)))
    assert joined.shape == resample(frames, rate).shape
    assert np.allclose(joined, resample(frames, rate), atol=1e-6)


def test_an_empty_array_stays_empty():
    assert list(resample_blocks([], 48_000)) == []
