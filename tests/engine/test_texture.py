"""Textures: where a recording resembles itself, and in which phase."""

import numpy as np
import pytest

from soundscapes.engine.sound.beds.texture import HOP, analysed
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import noise


def texture(samples):
    return analysed(samples.astype(np.float32))


@pytest.fixture
def pattern():
    """Return the texture of a sound that changes every half second and repeats after three."""
    levels = np.repeat([0.3, 0.02, 0.1, 0.2, 0.05, 0.01] * 2, SAMPLE_RATE // 2)
    return texture(noise(6.0, 1)[:, 0] * levels)


def test_what_followed_resembles_itself_and_its_repetition_most(pattern):
    place = 7 * HOP
    distances = pattern.distances(place, 4)
    assert distances[7] == 0
    assert set(np.argsort(distances)[1:4]) & {36, 37, 38}


def test_distances_are_in_decibels():
    levels = np.repeat([0.2, 0.02], 2 * SAMPLE_RATE)
    steps = texture(noise(4.0, 1)[:, 0] * levels)
    assert steps.distances(5 * HOP, 3)[30] == pytest.approx(20, abs=2)


def test_a_hum_is_joined_in_phase():
    period = SAMPLE_RATE / 97
    time = np.arange(4 * SAMPLE_RATE)
    hum = texture(0.2 * np.sin(2 * np.pi * time / period))
    place, follower = 30_000, 90_000
    aligned, likeness = hum.aligned(place, follower)
    off = (aligned - place) / period
    assert abs(off - round(off)) < 0.05
    assert abs(aligned - follower) < period + 8
    assert likeness > 0.95


def test_noise_resembles_no_other_noise():
    _, likeness = texture(noise(4.0, 1)[:, 0]).aligned(30_000, 90_000)
    assert likeness < 0.1


def test_a_place_near_the_end_is_left_as_it_is():
    short = texture(noise(1.0, 1)[:, 0])
    assert short.aligned(1000, SAMPLE_RATE - 500) == (SAMPLE_RATE - 500, 0.0)


def test_silence_has_a_texture():
    silence = texture(np.zeros(2 * SAMPLE_RATE))
    assert silence.share == 0
    assert np.isfinite(silence.distances(0, 3)).all()
