"""Beds have no audible repetition."""

import numpy as np
import pytest

from soundscapes.engine.catalogue import Kind
from soundscapes.engine.sound.mixer import Mixer
from soundscapes.engine.sound.planner import make_plan
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import BED, CALLS, ask, make_library, noise, paths_of, save_clip

FRAME = SAMPLE_RATE // 100
PER_SECOND = SAMPLE_RATE // FRAME
HORIZON = 300 * PER_SECOND
SWELL = 0.25


def uneven(seconds, seed):
    """Return noise whose level changes four times a second, differently with every seed."""
    size = round(seconds * SAMPLE_RATE)
    places = np.arange(0, seconds + SWELL, SWELL)
    levels = np.random.default_rng(seed).normal(0, 0.6, len(places))
    shape = np.exp(np.interp(np.arange(size) / SAMPLE_RATE, places, levels))
    return noise(seconds, seed)[:size] * shape[:, None].astype(np.float32)


def envelope(mixer):
    """Return the level of every 10 ms in nepers, without drifts of more than ten seconds."""
    parts = []
    for start in range(0, mixer.total, 1000 * FRAME):
        block = mixer.block(start, min(start + 1000 * FRAME, mixer.total))
        frames = block[:, : block.shape[1] // FRAME * FRAME].reshape(2, -1, FRAME)
        parts.append(np.sqrt(np.square(frames).mean(axis=(0, 2))))
    levels = np.log(np.concatenate(parts) + 1e-6)
    return levels - np.convolve(levels, np.full(1000, 1e-3), "same")


def most_alike(levels):
    """Return the largest autocorrelation at lags of one second to five minutes."""
    spectrum = np.fft.rfft(levels, 2 * len(levels))
    products = np.fft.irfft(np.square(np.abs(spectrum)))[: len(levels)]
    per_pair = products / np.arange(len(levels), 0, -1)
    return (per_pair / per_pair[0])[PER_SECOND:HORIZON].max()


def bed_of(clips, seed):
    library = {"rain": clips}
    plan = make_plan([BED], library, duration=600, seed=seed, encoder="offline")
    return Mixer(plan, paths_of(library))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("count", "limit"), [(1, 0.35), (4, 0.2)])
def test_the_envelope_does_not_repeat_within_five_minutes(tmp_path, count, limit, seed):
    clips = [save_clip(tmp_path, "rain", str(n), uneven(5.0, n)) for n in range(count)]
    assert most_alike(envelope(bed_of(clips, seed))) < limit


def test_a_plain_loop_would_be_found():
    loop = np.tile(np.random.default_rng(1).normal(0, 1, 5 * PER_SECOND), 120)
    assert most_alike(loop) > 0.9


def test_the_level_of_a_bed_drifts_slowly(tmp_path):
    clip = save_clip(tmp_path, "rain", "0", noise(8.0, 1))
    mixer = bed_of([clip], 1)
    seconds = [
        np.sqrt(np.square(mixer.block(start, start + SAMPLE_RATE)).mean())
        for start in range(0, mixer.total, SAMPLE_RATE)
    ]
    levels = 20 * np.log10(seconds)
    assert 0.3 < levels.std() < 2
    assert np.abs(np.diff(levels)).max() < 2.5


@pytest.mark.parametrize("kind", [Kind.OCCASIONAL, Kind.STARTLING])
@pytest.mark.parametrize("mode", ["calm", "faithful"])
def test_events_play_from_beginning_to_end(tmp_path, kind, mode):
    library = make_library(tmp_path)
    request = ask(CALLS.category, kind)
    plan = make_plan([request], library, duration=120, seed=1, encoder="offline", mode=mode)
    lengths = {clip.checksum: clip.duration for clip in library[CALLS.category]}
    for event in plan.layers[0].events:
        assert event.offset == 0
        assert event.duration * event.rate == pytest.approx(lengths[event.clip], abs=1e-4)
