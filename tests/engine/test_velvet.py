"""Velvet noise, which older plans have."""

import numpy as np
import pytest

from soundscapes.engine.sound.beds.velvet import velvet
from tests.engine.sound_clips import noise


@pytest.fixture(scope="module")
def sound():
    return noise(10.0, 4)[:, 0]


def test_the_copy_has_about_the_power_of_the_sound_and_nothing_in_common(sound):
    copy = velvet(sound)
    power = np.square(sound).sum()
    assert np.square(copy).sum() == pytest.approx(power, rel=0.05)
    similarity = np.fft.irfft(np.fft.rfft(copy) * np.conj(np.fft.rfft(sound)))
    assert np.abs(similarity).max() < 0.05 * power


def test_equal_sounds_have_equal_copies(sound):
    assert np.array_equal(velvet(sound), velvet(sound))
