"""The expected gain of a mix, compared with the one that rendering measures."""

from dataclasses import replace

import numpy as np
import pytest

from soundscapes.engine.sound import mixer, renderer
from soundscapes.engine.sound.audio_files import read_clip
from soundscapes.engine.sound.expected_gain import expected_gain_db
from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.planner import make_plan
from soundscapes.engine.sound.plots import waveform
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import ALARM, BED, CALLS, EVERYTHING, noise, save_clip, tone

CLOSE = 1.0  # dB


@pytest.fixture(scope="module")
def measured(library):
    """The library with what is known of clips in the database."""
    return {slug: [with_facts(clip) for clip in clips] for slug, clips in library.items()}


def with_facts(clip):
    samples = read_clip(clip.path)
    first = round(clip.start * SAMPLE_RATE)
    sound = samples[first:]
    loudness, peaks = measure_loudness(sound), waveform(sound, 60)
    return replace(clip, loudness=loudness, peaks=tuple(peaks))


def both(plan, library):
    """Return the expected gain, and that of the mix at the plan's target without the limiter."""
    clips = {clip.checksum: clip for some in library.values() for clip in some}
    paths = {checksum: clip.path for checksum, clip in clips.items()}
    mix = renderer.KeptMix(mixer.Mixer(plan, paths))
    samples = mix.block(0, mix.total).T
    return expected_gain_db(plan, clips), plan.target_lufs - measured_loudness(samples)


def measured_loudness(samples):
    return measure_loudness(samples) + 10 * np.log10(2)  # both channels of a mix are heard


def planned(requests, library, **options):
    options = {"duration": 30, "seed": 1} | options
    return make_plan(requests, library, encoder="offline", **options)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("requests", [(BED,), (CALLS,), (ALARM,), EVERYTHING])
@pytest.mark.parametrize("duration", [5, 60])
def test_it_is_close_to_the_measured_one(measured, requests, seed, duration):
    expected, real = both(planned(requests, measured, seed=seed, duration=duration), measured)
    assert expected == pytest.approx(real, abs=CLOSE)


def test_louder_targets_and_softer_layers_need_more(measured):
    quiet = planned([BED], measured, target_lufs=-30.0)
    soft = planned([replace(BED, gain_db=-6.0)], measured, target_lufs=-30.0)
    loud = planned([BED], measured, target_lufs=-20.0)
    clips = {clip.checksum: clip for clip in measured["rain"]}
    gain_db = expected_gain_db(quiet, clips)
    assert expected_gain_db(loud, clips) == pytest.approx(gain_db + 10, abs=0.01)
    assert expected_gain_db(soft, clips) == pytest.approx(gain_db + 6, abs=0.01)


def test_it_knows_where_a_clip_is_loud(tmp_path):
    """Excerpts of a clip that is loud in the middle differ from the clip, and from one another."""
    sound = np.concatenate([noise(10, 1, level=0.02), noise(4, 2), noise(10, 3, level=0.02)])
    library = {"crow": [with_facts(save_clip(tmp_path, "crow", "0", sound))]}
    real = []
    for seed in range(6):
        expected, measured = both(planned([CALLS], library, seed=seed), library)
        assert expected == pytest.approx(measured, abs=CLOSE)
        real.append(measured)
    assert np.ptp(real) > 2 * CLOSE


def test_silence_before_a_clip_is_not_heard(tmp_path):
    sound = np.concatenate([np.zeros((2 * SAMPLE_RATE, 1), dtype=np.float32), tone(1, 700)])
    clip = save_clip(tmp_path, "crow", "0", sound)
    library = {"crow": [with_facts(replace(clip, start=2.0, duration=1.0))]}
    expected, real = both(planned([CALLS], library), library)
    assert expected == pytest.approx(real, abs=CLOSE)


def test_stereo_and_distant_clips_are_as_close(tmp_path):
    library = {"rain": [with_facts(save_clip(tmp_path, "rain", "0", noise(8, 1, channels=2)))]}
    expected, real = both(planned([BED], library), library)
    assert expected == pytest.approx(real, abs=CLOSE)
    near, far = (planned([replace(BED, y=y, extent=0.0)], library) for y in (1.0, -1.0))
    clips = {clip.checksum: clip for clip in library["rain"]}
    assert far.layers[0].distance == 1
    assert expected_gain_db(far, clips) > expected_gain_db(near, clips) + 4


def test_clips_of_unknown_waveform_are_steady_and_silence_needs_no_gain(tmp_path, measured):
    plan = planned([BED], measured)
    clips = {clip.checksum: clip for clip in measured["rain"]}
    unknown = {checksum: replace(clip, peaks=()) for checksum, clip in clips.items()}
    assert expected_gain_db(plan, unknown) == pytest.approx(expected_gain_db(plan, clips), abs=0.5)
    silent = save_clip(tmp_path, "rain", "0", np.zeros((5 * SAMPLE_RATE, 1), dtype=np.float32))
    library = {"rain": [with_facts(silent)]}
    assert expected_gain_db(planned([BED], library), {silent.checksum: library["rain"][0]}) == 0
