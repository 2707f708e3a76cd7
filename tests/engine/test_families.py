"""Every family of recipes: each clip is audible, distinct, and at one loudness."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from soundscapes.engine.catalogue import Kind, load_catalogue
from soundscapes.engine.sound.bank import bank_categories, build, synthesise, variants
from soundscapes.engine.sound.bank.recipes import CLIP_LUFS, CLIP_PEAK
from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests import kept

BEDS = {each.slug for each in load_catalogue() if each.kind is Kind.BED}


@pytest.fixture(scope="module")
def clips_of() -> Callable[[str], list[np.ndarray]]:
    """The samples of a category's clips, synthesised at most once in this process.

    If the bank for all tests has yet to be built, they are recorded while it is.
    """
    made = {}

    def remember(category: str, variant: int) -> np.ndarray:
        if (category, variant) not in made:
            made[category, variant] = synthesise(category, variant)
        return made[category, variant]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "synthesise", remember)
        kept.bank()
    return lambda category: [remember(category, number) for number in range(variants(category))]


@pytest.mark.parametrize("category", bank_categories())
def test_every_clip_is_distinct(clips_of, category):
    clips = clips_of(category)
    shortest, longest = (17.0, 23.0) if category in BEDS else (0.5, 20.0)
    for samples in clips:
        assert samples.dtype == np.float32
        assert samples.ndim == 1
        assert np.isfinite(samples).all()
        assert shortest <= len(samples) / SAMPLE_RATE <= longest
        assert 0.05 < np.abs(samples).max() <= 1.0
        assert abs(samples.mean()) < 1e-4
        assert np.abs(samples[[0, -1]]).max() < 1e-3
    for number, samples in enumerate(clips):
        for other in clips[:number]:
            size = min(len(samples), len(other))
            assert abs(np.corrcoef(samples[:size], other[:size])[0, 1]) < 0.5


@pytest.mark.parametrize("category", ["rain", "crackling_fire", "clock_tick", "hen"])
def test_clips_have_one_loudness_as_far_as_full_scale_allows(clips_of, category):
    for samples in clips_of(category):
        loudness = measure_loudness(samples)
        assert loudness <= CLIP_LUFS + 0.2
        assert loudness >= CLIP_LUFS - 0.2 or np.abs(samples).max() > 0.99 * CLIP_PEAK


@pytest.mark.parametrize("category", ["dog", "sneezing", "door_wood_knock", "crying_baby"])
def test_no_event_contains_digital_silence(clips_of, category):
    window = SAMPLE_RATE // 20
    for samples in clips_of(category):
        frames = samples[: len(samples) // window * window].reshape(-1, window)
        assert np.abs(frames).max(axis=1).min() > 1 / 2**16
