"""A wide bed: two ears that hear one place."""

import numpy as np
import pytest
from scipy import signal

from soundscapes.engine.sound.beds.width import widened
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import noise

WIDTH = 0.187


@pytest.fixture(scope="module")
def waves():
    """Return noise that swells every few seconds, shape (1, n)."""
    time = np.arange(30 * SAMPLE_RATE) / SAMPLE_RATE
    swell = 1 + 0.8 * np.sin(2 * np.pi * time / 7)
    return (noise(30.0, 1)[:, 0] * swell).astype(np.float32)[None]


@pytest.fixture(scope="module")
def ears(waves):
    return widened(waves, WIDTH)


def levels(channel):
    """Return the level of every second in dB."""
    seconds = channel[: len(channel) // SAMPLE_RATE * SAMPLE_RATE].reshape(-1, SAMPLE_RATE)
    return 10 * np.log10(np.square(seconds).mean(axis=1))


def test_both_ears_rise_and_fall_together(ears):
    left, right = map(levels, ears)
    assert np.corrcoef(left, right)[0, 1] > 0.95
    assert (left - right).std() < 0.3


@pytest.mark.parametrize("window", [256, 1024, 4096])
def test_the_ears_are_incoherent_above_500_hertz(ears, window):
    frequencies, coherence = signal.coherence(*ears, SAMPLE_RATE, nperseg=window)
    assert coherence[frequencies > 500].mean() < 0.4


def test_the_sum_of_both_ears_is_the_sound_itself(waves, ears):
    assert np.allclose(ears.mean(axis=0), waves[0] * np.sqrt(1 - WIDTH), atol=1e-5)


def test_every_third_of_an_octave_loses_less_than_a_decibel_in_mono(ears):
    spectrum = np.square(np.abs(np.fft.rfft(np.vstack((ears, ears.mean(axis=0))))))
    frequencies = np.fft.rfftfreq(ears.shape[1], 1 / SAMPLE_RATE)
    edges = 50 * 2 ** (np.arange(27) / 3)
    left, right, folded = np.add.reduceat(spectrum, np.searchsorted(frequencies, edges), axis=1)
    assert (10 * np.log10((left + right) / 2 / folded)).max() < 1.0


def test_a_click_is_spread_over_a_few_hundredths_of_a_second_afterwards():
    click = np.zeros((1, SAMPLE_RATE), dtype=np.float32)
    click[0, 10_000] = 1.0
    power = np.square(widened(click, WIDTH)).sum(axis=0)
    assert power[:9_990].sum() < 0.001 * power.sum()
    assert power[10_000:11_700].sum() > 0.99 * power.sum()


def test_a_stereo_recording_stays_as_it_is():
    frames = noise(0.5, 2, channels=2).T
    assert widened(frames, WIDTH) is frames


@pytest.mark.parametrize("length", [1, 50, 14_000, 50_001])
def test_a_sound_of_any_length_keeps_its_length_and_about_its_power(length):
    sound = noise(2.0, 3).T[:, :length]
    wide = widened(sound, WIDTH)
    assert wide.shape == (2, length)
    if length > SAMPLE_RATE:
        assert np.square(wide).mean() == pytest.approx(np.square(sound).mean(), rel=0.03)
