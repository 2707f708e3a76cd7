"""Plans: when each clip plays, how loud, and where."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from soundscapes.engine.catalogue import Kind
from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.plan import MAX_DURATION, MIN_DURATION
from soundscapes.engine.sound.planner import PACES, make_plan
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import ALARM, BED, CALLS, EVERYTHING, ask, noise, save_clip


def plan_of(requests, library, duration=60.0, seed=1, mode="calm"):
    return make_plan(requests, library, duration=duration, seed=seed, encoder="offline", mode=mode)


def test_the_same_seed_gives_the_same_plan(library):
    assert plan_of(EVERYTHING, library) == plan_of(EVERYTHING, library)


def test_another_seed_gives_another_plan(library):
    one, other = (plan_of(EVERYTHING, library, seed=seed) for seed in (1, 2))
    assert all(a.events != b.events for a, b in zip(one.layers, other.layers, strict=True))


def test_omitting_the_last_layer_does_not_change_the_others(library):
    assert plan_of(EVERYTHING[:2], library).layers == plan_of(EVERYTHING, library).layers[:2]


def test_changing_or_omitting_a_layer_does_not_change_the_others(library):
    whole = plan_of(EVERYTHING, library).layers
    first, *others = EVERYTHING
    louder = dataclasses.replace(first, gain_db=first.gain_db + 6)
    assert plan_of([louder, *others], library).layers[1:] == whole[1:]
    assert plan_of(others, library).layers == whole[1:]


def test_a_layer_uses_its_chosen_clip_or_any_if_that_is_gone(library):
    wanted = library[CALLS.category][1].checksum
    chosen = plan_of([dataclasses.replace(CALLS, clip=wanted)], library).layers[0]
    assert {event.clip for event in chosen.events} == {wanted}
    gone = plan_of([dataclasses.replace(CALLS, clip="gone")], library).layers[0]
    assert gone == plan_of([CALLS], library).layers[0]


def test_layers_keep_the_requested_values(library):
    for request, layer in zip(EVERYTHING, plan_of(EVERYTHING, library).layers, strict=True):
        for name in ("category", "kind", "rank", "score", "position", "reason"):
            assert getattr(layer, name) == getattr(request, name)


def test_a_chosen_layer_of_a_better_rank_is_louder(library):
    second = dataclasses.replace(BED, rank=2)
    one, other = (plan_of([request], library).layers[0].gain_db for request in (BED, second))
    assert one > other


@pytest.mark.parametrize("mode", ["calm", "faithful"])
def test_a_sound_that_fits_as_well_as_the_best_is_as_loud_whatever_its_rank(library, mode):
    lags = {1: 0.0, 2: 0.0, 3: 0.5, 4: 1.5, 5: 40.0}
    levels = [level(library, mode, rank=rank, lag=lag).gain_db for rank, lag in lags.items()]
    assert levels[0] == levels[1]
    assert levels[1:] == sorted(levels[1:], reverse=True)
    assert levels[2] - levels[3] == pytest.approx(2.0)
    assert levels[0] - levels[4] == pytest.approx(9.0)


def test_every_clip_in_use_is_credited_once(library):
    plan = plan_of(EVERYTHING, library)
    used = {event.clip for layer in plan.layers for event in layer.events}
    assert sorted(credit.clip for credit in plan.credits) == sorted(used)
    assert all(credit.author and credit.licence and credit.url for credit in plan.credits)


def bed_power(events, total):
    """Return the sum of the squared envelopes of a ring of events, for each sample."""
    power = np.zeros(total)
    for event in events:
        start, length = round(event.time * SAMPLE_RATE), round(event.duration * SAMPLE_RATE)
        envelope = np.ones(length)
        for fade, side in ((event.fade_in, 1), (event.fade_out, -1)):
            size = round(fade * SAMPLE_RATE)
            ramp = np.sin((np.arange(size) + 0.5) * np.pi / 2 / size) ** 2
            envelope[::side][:size] *= ramp
        np.add.at(power, (start + np.arange(length)) % total, envelope)
    return power


@pytest.mark.parametrize("duration", [5.0, 7.3, 60.0, 301.7])
def test_a_bed_is_crossfaded_throughout_without_a_dip_or_a_bump(library, duration):
    events = plan_of([BED], library, duration).layers[0].events
    power = bed_power(events, round(duration * SAMPLE_RATE))
    assert np.abs(power - 1).max() < 1e-6


def test_a_bed_is_one_chain_for_both_ears_near_the_middle(library):
    bed, calls, _ = plan_of(
        [dataclasses.replace(BED, position=0.8), *EVERYTHING[1:]], library
    ).layers
    assert len({event.position for event in bed.events}) == 1
    assert 0 < bed.events[0].position < 0.3
    assert (bed.width > 0, calls.width) == (True, 0)


def test_a_bed_reads_only_within_its_clips(library):
    lengths = {clip.checksum: clip.duration for clip in library["rain"]}
    for event in plan_of([BED], library, 300).layers[0].events:
        assert event.offset + event.duration <= lengths[event.clip] + 1 / SAMPLE_RATE


def test_a_bed_is_one_recording_and_no_stretch_goes_on_where_the_last_one_ended(library):
    events = plan_of([BED], library, 120).layers[0].events
    assert len({event.clip for event in events}) == 1
    for one, following in itertools.pairwise(events):
        assert abs(one.offset + one.duration - one.fade_out - following.offset) > 0.4


@pytest.mark.parametrize("path", [None, Path("gone.wav")])
def test_a_bed_whose_clips_have_no_files_is_joined_anywhere(library, path):
    clips = [dataclasses.replace(clip, path=path) for clip in library["rain"]]
    events = plan_of([BED], {"rain": clips}, 120).layers[0].events
    power = bed_power(events, 120 * SAMPLE_RATE)
    assert np.abs(power - 1).max() < 1e-6


def waits(layer, duration):
    """Return the silences between a layer's events, including the one across the end."""
    times = np.array([event.time for event in layer.events])
    ends = times + [event.duration for event in layer.events]
    return np.append(times[1:], times[0] + duration) - ends


@pytest.mark.parametrize(("mode", "kind"), PACES)
def test_events_keep_a_refractory_gap_and_their_mean_wait(library, mode, kind):
    duration = MAX_DURATION
    pace = PACES[mode, kind]
    layers = [
        plan_of([ask("crow", kind)], library, duration, seed, mode).layers[0] for seed in range(4)
    ]
    silences = np.concatenate([waits(layer, duration)[:-1] for layer in layers])
    excess = silences - pace.refractory
    assert excess.min() >= -2 / SAMPLE_RATE
    assert abs(excess.mean() / pace.mean_wait - 1) < 0.25


def test_events_come_in_spells(library):
    """The counts of minutes spread more than those of a Poisson process with dead time."""
    layers = [plan_of([CALLS], library, MAX_DURATION, seed).layers[0] for seed in range(4)]
    times = [event.time for layer in layers for event in layer.events]
    counts = np.histogram(times, np.arange(0, MAX_DURATION + 1, 60))[0] / len(layers)
    single = np.histogram([e.time for e in layers[0].events], np.arange(0, MAX_DURATION + 1, 60))[0]
    assert single.var() > single.mean()
    assert counts.var() < single.var()


def test_the_gap_also_holds_across_the_end(library):
    for seed in range(40):
        plan = plan_of([CALLS], library, 30, seed)
        silences = waits(plan.layers[0], plan.duration)
        if len(silences) > 1:
            assert silences.min() >= PACES["calm", Kind.OCCASIONAL].refractory - 2 / SAMPLE_RATE


def test_every_event_layer_plays_at_least_once(library):
    for seed in range(60):
        plan = plan_of([CALLS, ALARM], library, MIN_DURATION, seed)
        assert all(layer.events for layer in plan.layers)


def test_events_begin_within_the_file_and_vary(library):
    events = plan_of([CALLS], library, 600).layers[0].events
    assert all(0 <= event.time < 600 for event in events)
    for name in ("gain_db", "rate", "position", "clip"):
        assert len({getattr(event, name) for event in events}) > 1
    positions = [event.position for event in events]
    assert abs(np.mean(positions) - CALLS.position) < 0.1


def test_whole_events_are_never_cut_off(library):
    lengths = {clip.checksum: clip.duration for clip in library["crow"]}
    for event in plan_of([CALLS], library, 120).layers[0].events:
        heard = event.duration * event.rate
        assert heard == pytest.approx(lengths[event.clip], abs=event.rate / SAMPLE_RATE)


def test_a_bed_is_softer_than_an_event_that_fits_as_well(library):
    call = dataclasses.replace(CALLS, rank=1)
    bed, events = (plan_of([request], library).layers[0].gain_db for request in (BED, call))
    assert bed <= events - 3


def test_startling_sounds_are_rarer_and_softer_in_calm_mode(library):
    calm, faithful = (
        plan_of([ALARM], library, 600, mode=mode).layers[0] for mode in ("calm", "faithful")
    )
    assert len(calm.events) < len(faithful.events)
    assert calm.gain_db < faithful.gain_db


@pytest.mark.parametrize("duration", [0, MIN_DURATION - 0.01, MAX_DURATION + 0.01, float("nan")])
def test_a_duration_out_of_range_is_rejected(library, duration):
    with pytest.raises(EngineError, match=rf"{MIN_DURATION:g} and {MAX_DURATION:g} seconds.*\.$"):
        plan_of([BED], library, duration)


def test_an_unknown_mode_and_an_empty_request_are_rejected(library):
    with pytest.raises(EngineError, match="mode"):
        plan_of([BED], library, mode="loud")
    with pytest.raises(EngineError, match="no layers to mix"):
        plan_of([], library)


def test_a_category_without_clips_is_named_in_the_error(library):
    with pytest.raises(EngineError, match="toothbrush"):
        plan_of([ask("toothbrush", Kind.BED)], library)


def test_a_bed_of_very_short_clips_is_planned_as_events(tmp_path):
    scraps = {"rain": [save_clip(tmp_path, "rain", "scrap", noise(0.02, 1))]}
    events = plan_of([BED], scraps).layers[0].events
    assert 0 < len(events) < 60


def test_quiet_recordings_are_raised_and_loud_ones_lowered(library):
    def level(lufs):
        clips = [dataclasses.replace(clip, loudness=lufs) for clip in library["rain"]]
        return np.mean([e.gain_db for e in plan_of([BED], {"rain": clips}).layers[0].events])

    assert level(-33.0) - level(-23.0) == pytest.approx(10)
    assert level(-13.0) - level(-23.0) == pytest.approx(-10)


def level(library, mode="calm", **facts):
    request = dataclasses.replace(BED, **facts)
    return plan_of([request], library, mode=mode).layers[0]


def test_a_doubtful_sound_is_soft_in_a_calm_mix_and_plain_in_a_faithful_one(library):
    plain = level(library).gain_db
    levels = [level(library, confidence=share).gain_db for share in (0.9, 0.4, 0.3, 0.2, 0.01)]
    assert levels[:2] == [plain, plain]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] == plain - 9
    faithful = [level(library, "faithful", confidence=share).gain_db for share in (0.9, 0.01)]
    assert faithful[0] == faithful[1]


def test_what_is_small_and_high_in_the_image_is_far_and_soft(library):
    near, far = level(library, y=0.8, extent=0.1), level(library, y=-1.0, extent=0.05)
    assert (near.distance, far.distance) == (0.0, 1.0)
    assert far.gain_db < near.gain_db - 3
    assert level(library, y=-1.0, extent=1.0).distance == 0.0
