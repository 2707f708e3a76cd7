"""Clips made from recordings in a child process."""

import io

import pytest

from soundscapes.engine import limited_process
from soundscapes.engine.errors import EngineError
from soundscapes.engine.recordings.clip_files import make_clip
from soundscapes.engine.recordings.clip_process import make_clip_apart
from tests import sample_files


def test_a_child_process_makes_the_same_clip(tmp_path):
    source, here, apart = (tmp_path / name for name in ("source", "here.wav", "apart.wav"))
    source.write_bytes(sample_files.sound(sample_files.noise(1.0)))
    facts = make_clip_apart(source, apart)
    expected = make_clip(io.BytesIO(source.read_bytes()), here)
    assert facts.loudness == pytest.approx(expected.loudness)
    assert (facts.duration, facts.peaks) == (expected.duration, expected.peaks)
    assert apart.read_bytes() == here.read_bytes()


def test_a_child_process_says_what_is_wrong(tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"text")
    with pytest.raises(EngineError, match="cannot be read as audio"):
        make_clip_apart(source, tmp_path / "clip.wav")


@pytest.mark.parametrize(
    ("is_heavy", "words"), [(True, "too much memory or time"), (False, "damaged")]
)
def test_a_child_process_that_ends_early_is_explained(tmp_path, monkeypatch, is_heavy, words):
    def ended(*_arguments):
        raise limited_process.ProcessEndedError(is_heavy)

    monkeypatch.setattr(limited_process, "run", ended)
    with pytest.raises(EngineError, match=words):
        make_clip_apart(tmp_path / "source", tmp_path / "clip.wav")
