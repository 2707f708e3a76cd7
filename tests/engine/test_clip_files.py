"""Clips made from recordings."""

import io

import numpy as np
import pytest

from soundscapes.engine.errors import EngineError
from soundscapes.engine.recordings.clip_files import make_clip
from soundscapes.engine.sound.audio_files import read_clip
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests import sample_files


def padded(before: float, after: float, hiss: float = 0.0, level: float = 0.1) -> io.BytesIO:
    """Return half a second of sound twice, with a pause, between stretches of soft hiss."""
    sound = sample_files.noise(0.5, level=level)
    pause = np.zeros(SAMPLE_RATE, np.float32)
    samples = np.concatenate([np.zeros(round(before * SAMPLE_RATE)), sound, pause, sound])
    samples = np.append(samples, np.zeros(round(after * SAMPLE_RATE)))
    samples += hiss * np.random.default_rng(0).uniform(-1, 1, len(samples))
    return io.BytesIO(sample_files.sound(samples.astype(np.float32)))


@pytest.mark.parametrize("hiss", [0.0, 2e-4])
def test_silence_is_cut_off_at_both_ends_and_a_pause_stays(tmp_path, hiss):
    facts = make_clip(padded(1.5, 2.2, hiss, level=0.2), tmp_path / "clip.wav")
    assert facts.duration == pytest.approx(2.02, abs=0.02)
    assert len(read_clip(tmp_path / "clip.wav")) == round(facts.duration * SAMPLE_RATE)


def test_what_is_soft_but_heard_stays(tmp_path):
    assert make_clip(padded(0, 1, hiss=0.003), tmp_path / "clip.wav").duration == 3.0


def test_the_level_is_that_of_what_is_heard(tmp_path):
    alone = make_clip(padded(0, 0), tmp_path / "a.wav").loudness
    assert make_clip(padded(3, 5), tmp_path / "b.wav").loudness == pytest.approx(alone, abs=0.1)


def test_a_click_in_silence_is_too_short(tmp_path):
    samples = np.zeros(SAMPLE_RATE, np.float32)
    samples[9000:9100] = 0.5
    with pytest.raises(EngineError, match=r"shorter than 0\.2 s"):
        make_clip(io.BytesIO(sample_files.sound(samples)), tmp_path / "clip.wav")


def with_offset(samples: np.ndarray, offset: float) -> io.BytesIO:
    """Return a recording of a device that adds a constant to every sample."""
    return io.BytesIO(sample_files.sound((samples + offset).astype(np.float32)))


def test_a_constant_is_silence(tmp_path):
    faint = 1e-4 * np.random.default_rng(0).uniform(-1, 1, SAMPLE_RATE)
    with pytest.raises(EngineError, match="silent"):
        make_clip(with_offset(faint, 0.1), tmp_path / "clip.wav")


def test_a_constant_neither_keeps_silence_nor_changes_the_level(tmp_path):
    sound = sample_files.noise(1.0)
    plain = make_clip(with_offset(sound, 0), tmp_path / "plain.wav")
    padded = np.concatenate([np.zeros(SAMPLE_RATE), sound, np.zeros(2 * SAMPLE_RATE)])
    shifted = make_clip(with_offset(padded, -0.05), tmp_path / "shifted.wav")
    assert shifted.duration == pytest.approx(plain.duration, abs=0.03)
    assert shifted.loudness == pytest.approx(plain.loudness, abs=0.1)
    assert read_clip(tmp_path / "shifted.wav").mean() == pytest.approx(0, abs=1e-3)
