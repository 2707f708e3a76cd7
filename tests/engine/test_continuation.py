"""Continuation: a soundscape goes on from its plan, never the same and always reproducible."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.endless.continuation import LAST_PART, PART, part_of
from soundscapes.engine.sound.mixer import Mixer
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.planner import POOL, make_plan
from soundscapes.engine.sound.samples import SAMPLE_RATE, to_decibels
from tests.engine.sound_clips import BED, CALLS, noise, paths_of, save_clip

DURATION = 30.0


@pytest.fixture(scope="module")
def plan(library):
    return make_plan([BED, CALLS], library, duration=DURATION, seed=7, encoder="offline")


@pytest.fixture(scope="module")
def by_checksum(library):
    return {clip.checksum: clip for clips in library.values() for clip in clips}


def parts_of(plan, clips, numbers):
    return [part_of(plan, number, clips, lambda clip: clip.path) for number in numbers]


def test_a_part_is_the_same_whenever_it_is_asked_for_and_unlike_any_other(plan, by_checksum):
    [later] = parts_of(plan, by_checksum, [9])
    parts = parts_of(Plan.from_json(plan.to_json()), by_checksum, range(1, 10))
    assert parts[-1] == later
    assert (later.start, later.end) == (DURATION + 8 * PART, DURATION + 9 * PART)
    patterns = {tuple(event.offset for event in part.layers[0]) for part in parts}
    assert len(patterns) == len(parts)


def test_part_0_is_the_plan_with_what_wraps_around_its_end(plan, by_checksum):
    [part] = parts_of(plan, by_checksum, [0])
    for events, layer in zip(part.layers, plan.layers, strict=True):
        assert [event for event in events if event.time >= 0] == list(layer.events)
        wrapping = [event for event in layer.events if event.time + event.duration > DURATION]
        assert [event.time for event in events if event.time < 0] == [
            event.time - DURATION for event in wrapping
        ]


def test_part_0_sounds_like_the_ring_even_if_events_wrap_around_it_several_times(tmp_path):
    bell = save_clip(tmp_path, "crow", "bell", noise(11.0, 3))
    plan = make_plan([CALLS], {"crow": [bell]}, duration=5, seed=1, encoder="offline")
    [layer] = plan.layers
    [part] = parts_of(plan, {bell.checksum: bell}, [0])
    ring = Mixer(plan, {bell.checksum: bell.path}).block(0, 5 * SAMPLE_RATE)
    late = tuple(replace(event, time=event.time + 30) for event in part.layers[0])
    line = replace(plan, duration=60.0, layers=(replace(layer, events=late),))
    heard = Mixer(line, {bell.checksum: bell.path}).block(30 * SAMPLE_RATE, 35 * SAMPLE_RATE)
    assert len(late) > len(layer.events) + 1
    assert np.abs(heard - ring).max() < 1e-3


def test_a_bed_has_no_gap_between_parts(plan, by_checksum):
    parts = parts_of(plan, by_checksum, range(4))
    stretches = sorted((e for part in parts for e in part.layers[0]), key=lambda e: e.time)
    for one, following in itertools.pairwise(stretches):
        assert following.time == pytest.approx(one.time + one.duration - one.fade_out, abs=1e-6)
        assert following.fade_in == pytest.approx(one.fade_out)


@pytest.mark.parametrize("seed", range(3))
def test_nobody_hears_where_a_part_begins(library, by_checksum, seed):
    plan = make_plan([BED], library, duration=DURATION, seed=seed, encoder="offline")
    parts = parts_of(plan, by_checksum, range(3))
    events = tuple(e for part in parts for e in part.layers[0] if e.time >= 0)
    line = replace(plan, duration=700.0, layers=(replace(plan.layers[0], events=events),))
    mixer = Mixer(line, paths_of(library))
    for seam in (DURATION, DURATION + PART):
        first = round((seam - 6) * SAMPLE_RATE)
        seconds = mixer.block(first, first + 16 * SAMPLE_RATE)[0].reshape(16, SAMPLE_RATE)
        levels = [to_decibels(float(np.sqrt(np.mean(second**2)))) for second in seconds]
        assert np.abs(np.diff(levels)).max() < 1.2


def test_sounds_that_come_and_go_use_clips_that_were_not_heard_yet(tmp_path, by_checksum):
    calls = [save_clip(tmp_path, "crow", str(n), noise(0.6, n)) for n in range(POOL + 8)]
    plan = make_plan([CALLS], {"crow": calls}, duration=5, seed=1, encoder="offline")
    clips = {clip.checksum: clip for clip in calls}
    named = {credit.clip for credit in (*plan.credits, *plan.others)}
    assert len(named) == POOL
    parts = parts_of(plan, clips, (1, 2))
    heard = {event.clip for part in parts for event in part.layers[0]}
    assert heard == named
    for part in parts:
        assert all(part.start <= event.time < part.end for event in part.layers[0])
        times = [event.time for event in part.layers[0]]
        assert times == sorted(times)


def test_a_layer_whose_clips_are_lost_repeats_itself(plan):
    [part] = parts_of(plan, {}, [1])
    events = plan.layers[0].events
    assert len(part.layers[0]) == len(events) * PART / DURATION
    assert {event.offset for event in part.layers[0]} == {event.offset for event in events}


@pytest.mark.parametrize("number", [-1, LAST_PART + 1])
def test_other_parts_are_refused(plan, by_checksum, number):
    with pytest.raises(EngineError, match="parts from 0 to"):
        parts_of(plan, by_checksum, [number])
