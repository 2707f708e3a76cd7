"""Chains: one recording drawn out to a ring of stretches."""

import itertools

import numpy as np
import pytest

from soundscapes.engine.sound.beds.chain import stretches
from soundscapes.engine.sound.beds.listening import texture_of
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import noise, save_clip

FIVE = 5 * SAMPLE_RATE


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    """Return a clip of five seconds, the second half of which is brighter and softer."""
    dark = noise(2.5, 1)[:, 0]
    dark = np.convolve(dark, np.full(20, 0.2), "same")
    samples = np.concatenate((dark, noise(2.5, 2, 0.05)[:, 0])).astype(np.float32)
    return save_clip(tmp_path_factory.mktemp("clips"), "rain", "halves", samples[:, None])


@pytest.fixture(scope="module")
def texture(halves):
    return texture_of(halves, halves.path)


def drawn(size, total, texture=None, seed=1):
    return stretches(size, total, texture, np.random.default_rng(seed))


@pytest.mark.parametrize("seconds", [1.0, 1.7, 5.0, 20.0, 600.0])
@pytest.mark.parametrize("total", [5.0, 7.3, 61.0])
def test_every_stretch_lies_within_the_recording_and_is_longer_than_its_fades(seconds, total):
    size = round(seconds * SAMPLE_RATE)
    ring, _ = drawn(size, round(total * SAMPLE_RATE))
    assert len(ring) > 1
    for stretch in ring:
        assert 0 <= stretch.offset <= size - stretch.length
        assert stretch.length > 2 * stretch.fade > 0


def test_the_ring_closes(texture):
    total = 60 * SAMPLE_RATE
    ring, _ = drawn(FIVE, total, texture)
    ends = [(stretch.start + stretch.length - stretch.fade) % total for stretch in ring]
    assert ends == [stretch.start for stretch in (*ring[1:], ring[0])]


@pytest.mark.parametrize("seed", range(3))
def test_a_stretch_goes_on_with_what_resembles_the_end_of_the_last_one(texture, seed):
    ring, _ = drawn(FIVE, 300 * SAMPLE_RATE, texture, seed)
    jumps = 0
    for one, following in itertools.pairwise(ring):
        left = one.offset + one.length - one.fade
        jumps += (left < FIVE / 2) != (following.offset < FIVE / 2)
    assert jumps < 0.25 * len(ring)  # joined anywhere, half of them


def test_all_parts_of_the_recording_are_heard(texture):
    ring, _ = drawn(FIVE, 120 * SAMPLE_RATE, texture)
    heard = np.zeros(FIVE)
    for stretch in ring:
        heard[stretch.offset : stretch.offset + stretch.length] += 1
    middle = heard[FIVE // 10 : -FIVE // 10]
    assert middle.min() > 0.2 * middle.mean()


def test_noise_joins_unlike_sounds_and_a_hum_like_ones(tmp_path, texture):
    time = np.arange(FIVE) / SAMPLE_RATE
    hum = sum(np.sin(2 * np.pi * hertz * time) for hertz in (97.0, 291.0, 485.0))
    clip = save_clip(tmp_path, "engine", "hum", (0.1 * hum).astype(np.float32)[:, None])
    assert drawn(FIVE, 60 * SAMPLE_RATE, texture)[1] == 0.0
    assert drawn(FIVE, 60 * SAMPLE_RATE, texture_of(clip, clip.path))[1] > 0.9
