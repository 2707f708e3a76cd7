"""K-weighting by matrix products matches the reference implementation's recursive filter."""

import numpy as np
import pyloudnorm
import pytest

from soundscapes.engine.sound.k_weighting import GROUP, STRETCH, KWeighting
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import noise

SIZE = 100 * GROUP * STRETCH


def planar(seed=1):
    samples = noise(SIZE / SAMPLE_RATE + 0.1, seed, channels=2)
    return np.ascontiguousarray(samples[:SIZE].T)


def test_it_matches_pyloudnorm():
    block = planar()
    want = block.astype(np.float64)
    for each in pyloudnorm.Meter(SAMPLE_RATE)._filters.values():
        want = each.apply_filter(want)
    have = KWeighting().filter(block).reshape(2, -1)
    assert np.abs(have - want).max() < 1e-4 * np.abs(want).max()


@pytest.mark.parametrize("groups", [1, 7, 99])
def test_a_signal_in_two_blocks_is_filtered_as_one(groups):
    block, cut = planar(), groups * GROUP * STRETCH
    whole = KWeighting().filter(block)
    weighting = KWeighting()
    parts = [weighting.filter(part) for part in (block[:, :cut], block[:, cut:])]
    off = np.abs(np.concatenate(parts, axis=1) - whole).max()
    assert off < 1e-4 * np.abs(whole).max()


def test_the_channels_are_independent():
    block = planar()
    block[1] = 0
    weighted = KWeighting().filter(block)
    assert weighted.shape == (2, SIZE // STRETCH, STRETCH)
    assert np.abs(weighted[0]).max() > 0
    assert not weighted[1].any()
