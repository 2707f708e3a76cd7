"""Plans that earlier releases stored are rendered as those releases rendered them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.renderer import render
from tests.engine.sound_clips import noise, save_clip

STORED = json.loads(Path(__file__).with_name("stored_plans.json").read_text())
"""By version: a plan, and frames of its rendering at equal distances (16 bits, left and right)."""


def files_of(plan, folder):
    """Write the plan's clips, noise and a chord; their checksums may depend on the machine."""
    time = np.arange(90_000, dtype=np.float64) / 44100
    chord = sum(np.sin(2 * np.pi * hertz * time) for hertz in (400.0, 1000.0, 6000.0))[:, None]
    clips = [save_clip(folder, "rain", str(n), noise(4.0, n)) for n in range(2)]
    clips.append(save_clip(folder, "crow", "0", (chord * 0.2).astype(np.float32)))
    paths = {clip.title: clip.path for clip in clips}
    return {credit.clip: paths[credit.title] for credit in plan.credits}


@pytest.mark.parametrize("version", STORED)
def test_a_stored_plan_gives_the_samples_that_it_gave_when_it_was_made(tmp_path, version):
    plan = Plan.from_json(STORED[version]["plan"])
    render(plan, files_of(plan, tmp_path), tmp_path / "out.wav")
    frames = np.array(STORED[version]["frames"])
    samples, _ = soundfile.read(tmp_path / "out.wav", dtype="int16")
    found = samples[:: len(samples) // len(frames)][: len(frames)].astype(int)
    assert np.abs(frames).max() > 1000
    assert np.abs(found - frames).max() <= 1  # the instruction set may change the last bit
