"""Textures of clips' files."""

import dataclasses

import numpy as np

from soundscapes.engine.sound.beds.listening import texture_of
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import noise, save_clip


def test_the_silence_before_a_clip_is_no_part_of_it(tmp_path):
    clip = save_clip(tmp_path, "rain", "late", np.pad(noise(2.0, 1), ((SAMPLE_RATE, 0), (0, 0))))
    late = dataclasses.replace(clip, start=1.0, duration=2.0)
    assert len(texture_of(clip, clip.path).levels) == 30
    assert len(texture_of(late, clip.path).levels) == 20


def test_a_clip_is_read_once(tmp_path):
    clip = save_clip(tmp_path, "rain", "once", noise(2.0, 1))
    texture = texture_of(clip, clip.path)
    clip.path.unlink()
    assert texture_of(clip, clip.path) is texture
