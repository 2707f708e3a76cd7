"""The synthesised bank on disk: written, found, and repaired."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
import soundfile

from soundscapes.engine.sound.audio_files import file_checksum
from soundscapes.engine.sound.bank import build
from soundscapes.engine.sound.bank.build import build_bank, built_categories
from soundscapes.engine.sound.bank.recipes import synthesise, variants

FEW = ("dog", "crow")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A newly built bank."""
    root = tmp_path_factory.mktemp("built") / "bank"
    build_bank(root, FEW)
    return root


@pytest.fixture
def built(fresh, tmp_path):
    root = tmp_path / "bank"
    shutil.copytree(fresh, root)
    return root, build_bank(root, FEW)


def test_clips_carry_their_metadata(built):
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
def test_a_damaged_clip_is_rebuilt(built, harm):
    root, clips = built
    victim = clips[2].path
    if harm == "remove":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:-100])
    assert build_bank(root, FEW) == clips
    assert file_checksum(victim) == clips[2].checksum


@pytest.mark.parametrize("manifest", [None, "", "[]", '{"version": -1, "clips": {}}'])
def test_a_missing_or_invalid_manifest_is_rebuilt(built, manifest):
    root, clips = built
    path = root / "manifest.json"
    path.unlink()
    if manifest is not None:
        path.write_text(manifest)
    assert build_bank(root, FEW) == clips
    assert path.stat().st_size > 100


def test_building_more_categories_keeps_existing_clips(built):
    root, clips = built
    more = build_bank(root, [*FEW, "hen"])
    assert more[: len(clips)] == clips
    assert build_bank(root, FEW) == clips


def test_processes_that_need_a_category_at_once_synthesise_it_once(tmp_path, monkeypatch):
    made = []

    def slowly(category, variant):
        made.append((category, variant))
        sleep(0.05)
        return synthesise(category, variant)

    monkeypatch.setattr(build, "synthesise", slowly)
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _process: build_bank(tmp_path, ["dog"]), range(2))
    assert one == other
    assert sorted(made) == [("dog", variant) for variant in range(variants("dog"))]


def test_an_interrupted_build_continues_with_the_next_category(tmp_path, monkeypatch):
    def interrupted(category, variant):
        if category == "crow":
            raise KeyboardInterrupt
        return synthesise(category, variant)

    with monkeypatch.context() as patch:
        patch.setattr(build, "synthesise", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build_bank(tmp_path, FEW)
        assert built_categories(tmp_path) == ["dog"]
        kept = build_bank(tmp_path, ["dog"])  # nothing is left to be made
    assert build_bank(tmp_path, FEW)[: len(kept)] == kept


def test_progress_rises_to_the_number_of_clips(tmp_path):
    seen = []
    build_bank(tmp_path, FEW, progress=lambda ready, total: seen.append((ready, total)))
    total = sum(variants(category) for category in FEW)
    assert seen == [(ready, total) for ready in range(total + 1)]
