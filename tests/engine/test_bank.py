"""The synthesised bank: every clip is sound, always the same, and found again on disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import numpy as np
import pytest
import soundfile

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.audio_files import file_checksum
from soundscapes.engine.sound.bank import bank_categories, build, build_bank, synthesise, variants
from soundscapes.engine.sound.bank.recipes import CLIP_LUFS, CLIP_PEAK
from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests import kept

FEW = ("dog", "crow")


ESC50_CLASSES = 50


def test_the_bank_has_three_recipes_or_more_for_each_of_the_fifty_categories():
    assert len(set(bank_categories())) == ESC50_CLASSES
    assert all(variants(category) >= 3 for category in bank_categories())


@pytest.fixture(scope="module")
def clips_of() -> Callable[[str], list[np.ndarray]]:
    """The samples of a category's clips, as this process has synthesised them.

    Where the bank of all tests is still to be built, they are taken from its building.
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
def test_every_clip_is_a_sound_of_its_own(clips_of, category):
    clips = clips_of(category)
    for samples in clips:
        assert samples.dtype == np.float32
        assert samples.ndim == 1
        assert np.isfinite(samples).all()
        assert 0.5 <= len(samples) / SAMPLE_RATE <= 20.0
        assert 0.05 < np.abs(samples).max() <= 1.0
        assert abs(samples.mean()) < 1e-4
        assert np.abs(samples[[0, -1]]).max() < 1e-3
    for number, samples in enumerate(clips):
        for other in clips[:number]:
            size = min(len(samples), len(other))
            assert abs(np.corrcoef(samples[:size], other[:size])[0, 1]) < 0.5


@pytest.mark.parametrize("category", ["rain", "crackling_fire", "clock_tick", "hen"])
def test_clips_are_at_one_loudness_or_as_near_to_it_as_full_scale_allows(clips_of, category):
    for samples in clips_of(category):
        loudness = measure_loudness(samples)
        assert loudness <= CLIP_LUFS + 0.2
        assert loudness >= CLIP_LUFS - 0.2 or np.abs(samples).max() > 0.99 * CLIP_PEAK


@pytest.mark.parametrize("category", ["dog", "sneezing", "door_wood_knock", "crying_baby"])
def test_no_event_falls_into_digital_silence(clips_of, category):
    window = SAMPLE_RATE // 20
    for samples in clips_of(category):
        frames = samples[: len(samples) // window * window].reshape(-1, window)
        assert np.abs(frames).max(axis=1).min() > 1 / 2**16


@pytest.mark.parametrize("category", FEW)
def test_a_recipe_gives_the_same_samples_again(category):
    assert np.array_equal(synthesise(category, 1), synthesise(category, 1))


def test_an_unknown_category_or_variant_is_refused_by_its_name():
    with pytest.raises(EngineError, match="unicorn"):
        synthesise("unicorn", 0)
    with pytest.raises(EngineError, match="unicorn"):
        variants("unicorn")
    with pytest.raises(EngineError, match="dog has variants"):
        synthesise("dog", variants("dog"))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A bank that has just been built."""
    root = tmp_path_factory.mktemp("built") / "bank"
    build_bank(root, FEW)
    return root


@pytest.fixture
def built(fresh, tmp_path):
    root = tmp_path / "bank"
    shutil.copytree(fresh, root)
    return root, build_bank(root, FEW)


def test_clips_say_what_they_are(built):
    root, clips = built
    assert len(clips) == sum(variants(category) for category in FEW)
    for clip in clips:
        information = soundfile.info(clip.path)
        assert clip.path.parent == root
        assert clip.checksum == file_checksum(clip.path)
        assert clip.duration == information.duration
        assert (information.subtype, information.channels) == ("PCM_16", 1)
        assert (clip.source, clip.licence) == ("synthesised", "CC0-1.0")
        assert clip.title
        assert clip.author


def test_a_second_build_writes_nothing(built):
    root, clips = built
    before = {path: path.stat().st_mtime_ns for path in root.iterdir()}
    assert build_bank(root, FEW) == clips
    assert {path: path.stat().st_mtime_ns for path in root.iterdir()} == before


@pytest.mark.parametrize("harm", ["remove", "truncate"])
def test_a_damaged_clip_is_made_again(built, harm):
    root, clips = built
    victim = clips[2].path
    if harm == "remove":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:-100])
    assert build_bank(root, FEW) == clips
    assert file_checksum(victim) == clips[2].checksum


@pytest.mark.parametrize("manifest", [None, "", "[]", '{"version": -1, "clips": {}}'])
def test_a_lost_or_foreign_manifest_is_made_again(built, manifest):
    root, clips = built
    path = root / "manifest.json"
    path.unlink()
    if manifest is not None:
        path.write_text(manifest)
    assert build_bank(root, FEW) == clips
    assert path.stat().st_size > 100


def test_building_more_categories_keeps_those_that_are_there(built):
    root, clips = built
    more = build_bank(root, [*FEW, "hen"])
    assert more[: len(clips)] == clips
    assert build_bank(root, FEW) == clips


def test_progress_rises_to_the_number_of_clips(tmp_path):
    seen = []
    build_bank(tmp_path, FEW, progress=lambda ready, total: seen.append((ready, total)))
    total = sum(variants(category) for category in FEW)
    assert seen == [(ready, total) for ready in range(total + 1)]
