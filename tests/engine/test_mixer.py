"""The mix before levelling: a ring of samples, in blocks of any size."""

import dataclasses
import itertools

import numpy as np
import pytest

from soundscapes.engine.sound.mixer import ClipPool, KeptMix, Mixer
from soundscapes.engine.sound.planner import make_plan
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import CALLS, EVERYTHING, paths_of, save_clip, tone


def plan_of(requests, library, duration=12.0):
    return make_plan(requests, library, duration=duration, seed=1, encoder="offline")


def test_an_event_that_crosses_the_end_wraps_to_the_beginning(tmp_path):
    call = tone(2.0, 900)
    library = {"crow": [save_clip(tmp_path, "crow", "0", call)]}
    plan = plan_of([CALLS], library, 6.0)
    layer = plan.layers[0]
    event = dataclasses.replace(layer.events[0], time=5.0)
    early = dataclasses.replace(event, time=1.0)
    wrapped, whole = (
        Mixer(
            dataclasses.replace(plan, layers=(dataclasses.replace(layer, events=(each,)),)),
            paths_of(library),
        ).block(0, 6 * SAMPLE_RATE)
        for each in (event, early)
    )
    assert np.allclose(np.roll(whole, 4 * SAMPLE_RATE, axis=1), wrapped, atol=1e-6)
    assert np.abs(wrapped[:, : SAMPLE_RATE // 2]).max() > 0.01


def test_block_boundaries_do_not_change_the_mix(library):
    mixer = Mixer(plan_of(EVERYTHING, library, 9.0), paths_of(library))
    whole = mixer.block(0, mixer.total)
    cuts = [0, 1, 12_345, 200_000, 200_001, mixer.total]
    pieces = [mixer.block(*span) for span in itertools.pairwise(cuts)]
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)
    around = mixer.block(-500, mixer.total + 700)
    assert np.array_equal(around, np.concatenate((whole[:, -500:], whole, whole[:, :700]), axis=1))


def test_a_mix_in_memory_has_the_samples_of_its_mixer(library):
    mixer = Mixer(plan_of(EVERYTHING, library), paths_of(library))
    held = KeptMix(mixer)
    for span in ((1000, 5000), (0, 2000), (-500, mixer.total + 700), (0, mixer.total)):
        assert np.array_equal(held.block(*span), mixer.block(*span))


def test_the_layers_sum_to_the_mix(library):
    mixer = Mixer(plan_of(EVERYTHING, library), paths_of(library))
    alone = [layer.block(0, layer.total) for layer in mixer.layers()]
    assert len(alone) == len(EVERYTHING)
    assert np.allclose(sum(alone), mixer.block(0, mixer.total), atol=1e-6)


def test_a_pool_respects_its_byte_limit_and_returns_the_same_clip(library):
    paths = paths_of({"rain": library["rain"]})
    whole = {checksum: ClipPool(paths).get(checksum, 1.0) for checksum in paths}
    limit = max(planar.nbytes for planar in whole.values())
    pool = ClipPool(paths, limit)
    for checksum in (*paths, *paths):
        assert np.array_equal(pool.get(checksum, 1.0), whole[checksum])
        assert sum(planar.nbytes for planar in pool._clips.values()) <= limit


def test_a_clip_played_twice_as_fast_is_half_as_long(library):
    clip = library["crow"][0]
    pool = ClipPool(paths_of(library))
    plain, fast = (pool.get(clip.checksum, rate) for rate in (1.0, 2.0))
    assert fast.shape[1] == pytest.approx(plain.shape[1] / 2, abs=1)


def level_of(samples, low, high):
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    return 10 * np.log10(power[(frequencies >= low) & (frequencies < high)].mean())


def test_a_clip_from_far_away_has_lost_treble_and_nothing_else(library):
    clip = library["rain"][0]
    pool = ClipPool(paths_of(library))
    near, far = (pool.get(clip.checksum, 1.0, distance)[0] for distance in (0.0, 1.0))
    assert level_of(near, 50, 500) - level_of(far, 50, 500) < 0.5
    assert 10 < level_of(near, 5000, 15000) - level_of(far, 5000, 15000) < 13


def test_a_clip_of_a_few_samples_can_be_far_away(tmp_path):
    clip = save_clip(tmp_path, "crow", "tiny", np.full((5, 1), 0.5, dtype=np.float32))
    assert ClipPool({clip.checksum: clip.path}).get(clip.checksum, 1.0, 1.0).shape == (1, 5)
