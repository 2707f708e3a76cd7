"""The all-pass decorrelator: a copy of the same spectrum at every moment, and nothing in common."""

import numpy as np
import pytest

from soundscapes.engine.sound.beds.all_pass import LAST, PERIOD, SIZE, all_pass
from soundscapes.engine.sound.samples import SAMPLE_RATE, mono
from tests.engine.sound_clips import noise

SETTLED = slice(round(2 * LAST * SAMPLE_RATE), -SIZE // 4)


@pytest.mark.parametrize("hertz", [700.0, 1234.5, 9000.0])
def test_a_tone_keeps_its_level_at_every_moment(hertz):
    tone = mono(np.sin(2 * np.pi * hertz * np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE))
    copy = all_pass(tone)[SETTLED]
    windows = copy[: len(copy) // 2205 * 2205].reshape(-1, 2205)
    levels = 10 * np.log10(np.square(windows).mean(axis=1) / 0.5)
    assert np.abs(levels).max() < 0.6


def test_the_copy_shares_nothing_with_the_sound():
    sound = noise(10.0, 4)[:, 0]
    copy = all_pass(sound)
    similarity = np.fft.irfft(np.fft.rfft(copy) * np.conj(np.fft.rfft(sound)))
    assert np.abs(similarity).max() < 0.05 * np.square(sound).sum()


def test_deep_sounds_have_no_copy():
    deep = mono(np.sin(2 * np.pi * 80 * np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE))
    assert np.square(all_pass(deep)[SETTLED]).mean() < 0.01 * np.square(deep).mean()


def test_a_sound_longer_than_a_period_has_no_seam_in_its_copy():
    tone = mono(np.sin(2 * np.pi * 1000 * np.arange(PERIOD + 2 * SIZE) / SAMPLE_RATE))
    around = all_pass(tone)[PERIOD - SIZE : PERIOD + SIZE]
    assert np.abs(np.diff(around)).max() < 1.1 * 2 * np.pi * 1000 / SAMPLE_RATE
