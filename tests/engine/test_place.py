"""Acoustics of a place and a microphone."""

import numpy as np
import pytest

from soundscapes.engine.sound.bank import place
from soundscapes.engine.sound.samples import SAMPLE_RATE


@pytest.fixture
def tone():
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    return np.sin(2 * np.pi * 1000 * time).astype(np.float32)


def rms(sound):
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def test_room_tone_surrounds_the_sound_at_a_far_lower_level(random, tone):
    whole = place.in_a_place(random, tone)
    added = (len(whole) - len(tone)) / SAMPLE_RATE
    assert place.TONE_BEFORE[0] + place.TONE_AFTER[0] <= added
    assert added <= place.TONE_BEFORE[1] + place.TONE_AFTER[1]
    last = whole[-SAMPLE_RATE // 3 : -SAMPLE_RATE // 6]
    level = 20 * np.log10(rms(last) / rms(tone))
    assert place.TONE_DB[0] - 20 < level < place.TONE_DB[1] + 6


def test_moving_air_keeps_the_length_and_roughly_the_level(random, tone):
    heard = place.through_air(random, tone, 4.0)
    assert len(heard) == len(tone)
    assert 20 * np.log10(rms(heard) / rms(tone)) == pytest.approx(0, abs=4.0)


def test_without_turbulence_the_sound_is_unchanged(random, tone):
    middle = slice(2 * place.FRAME, -2 * place.FRAME)
    heard = place.through_air(random, tone, 0.0)
    np.testing.assert_allclose(heard[middle], tone[middle], atol=1e-3)


def test_a_recording_is_finite_and_differs_with_its_place(tone):
    first, second = (place.recorded(np.random.default_rng(seed), tone) for seed in (1, 2))
    assert np.all(np.isfinite(first))
    count = min(len(first), len(second))
    assert not np.allclose(first[:count], second[:count])


def test_distance_takes_the_highest_frequencies(monkeypatch):
    noise = np.random.default_rng(3).standard_normal(SAMPLE_RATE).astype(np.float32)

    def treble(distance):
        monkeypatch.setattr(place, "NEAR", distance)
        monkeypatch.setattr(place, "FAR", distance)
        power = np.abs(np.fft.rfft(place.recorded(np.random.default_rng(1), noise))) ** 2
        return power[8000:].sum() / power[200:2000].sum()

    assert treble(60.0) < 0.3 * treble(1.0)


def test_a_continuous_sound_gets_the_recorder_s_noise(random, tone):
    added = place.with_noise(random, tone) - tone
    low, high = place.NOISE_DB
    assert low - 1 < 20 * np.log10(rms(added) / rms(tone)) < high + 1
