"""Continuation: how a soundscape goes on for as long as somebody listens.

Time is divided into parts. Part 0 is the plan, and every further one has `PART` seconds of the same
layers and clips. A part depends on nothing but the plan and its number, so minute 47 of a seed is
always the same.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.beds.chain import continuation
from soundscapes.engine.sound.beds.listening import texture_of
from soundscapes.engine.sound.beds.walk import MOST, Walk
from soundscapes.engine.sound.clips import Clip
from soundscapes.engine.sound.plan import Plan, PlannedEvent, PlannedLayer
from soundscapes.engine.sound.planner import (
    PACES,
    SWELL_DB,
    Locate,
    levelling_db,
    plan_events,
    stretch_event,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE

PART = 300.0
"""Seconds: long enough for weather to change, short enough to be planned in a moment."""
LAST_PART = 12 * 24 * 31
"""A month."""


@dataclass(frozen=True, slots=True)
class Part:
    """Events of each layer of a plan, in seconds since its beginning.

    Some begin earlier than `start` or end later than `end`.
    """

    start: float
    end: float
    layers: tuple[tuple[PlannedEvent, ...], ...]


def part_of(plan: Plan, number: int, clips: Mapping[str, Clip], locate: Locate) -> Part:
    """Return a part of an endless soundscape. `clips` are those that the plan names, by checksum.

    A layer of a plan from an earlier release, and one whose clips are lost, repeats itself. Raise
    EngineError for a part that does not exist.
    """
    if not 0 <= number <= LAST_PART:
        raise EngineError(f"A soundscape has parts from 0 to {LAST_PART}.")
    if number == 0:
        layers = [_ring(layer, plan.duration, 0.0, plan.duration) for layer in plan.layers]
        return Part(0.0, plan.duration, tuple(layers))
    start = plan.duration + (number - 1) * PART
    layers = [_continued(plan, layer, number, start, clips, locate) for layer in plan.layers]
    return Part(start, start + PART, tuple(layers))


def _continued(
    plan: Plan,
    layer: PlannedLayer,
    number: int,
    start: float,
    clips: Mapping[str, Clip],
    locate: Locate,
) -> tuple[PlannedEvent, ...]:
    random = np.random.default_rng(
        np.random.SeedSequence(plan.seed, spawn_key=(layer.rank, number))
    )
    pool = _pool(plan, layer, clips)
    if layer.is_chain and pool:
        events = _chain(layer, number, pool[0], locate, random)
    elif (plan.mode, layer.kind) in PACES and pool:
        silence = _overhang(plan, layer) if number == 1 else 0.0
        pace = PACES[plan.mode, layer.kind]
        total = round((PART - silence) * SAMPLE_RATE)
        planned = plan_events(pool, total, layer.position, pace, random)
        events = [replace(event, time=start + silence + event.time) for event in planned]
    else:
        return _ring(layer, plan.duration, start, start + PART)
    return tuple(events)


def _pool(plan: Plan, layer: PlannedLayer, clips: Mapping[str, Clip]) -> list[Clip]:
    """Return the clips of a layer in the order in which they were chosen from, if all are there."""
    named = {each.clip for each in (*plan.credits, *plan.others) if each.category == layer.category}
    if layer.is_chain:
        named = {event.clip for event in layer.events}
    return [clips[checksum] for checksum in sorted(named)] if named <= clips.keys() else []


def _chain(
    layer: PlannedLayer, number: int, clip: Clip, locate: Locate, random: Generator
) -> list[PlannedEvent]:
    """Go on where the last stretch before the end of the plan fades out.

    The level returns to its mean over the first part.
    """
    last = max(layer.events, key=lambda event: event.time)
    home = last.offset + last.duration - last.fade_out - clip.start
    start = last.time + last.duration - last.fade_out + (number - 1) * PART
    path = locate(clip)
    texture = texture_of(clip, path) if path and path.is_file() else None
    size, total = int(clip.duration * SAMPLE_RATE), round(PART * SAMPLE_RATE)
    line = continuation(size, total, texture, random, round(home * SAMPLE_RATE))
    walk = Walk(PART, random)
    away = last.gain_db - levelling_db(clip) if number == 1 else 0.0
    events = []
    for stretch in line:
        at = stretch.start / SAMPLE_RATE
        moved = float(np.clip(walk.at(at) - walk.at(0.0), -MOST, MOST))
        gain_db = levelling_db(clip) + SWELL_DB * moved + away * (1 - at / PART)
        event = stretch_event(clip, stretch, round(gain_db, 2), last.position)
        events.append(replace(event, time=start + at))
    if number == 1:  # a short soundscape has shorter fades
        events[0] = replace(events[0], fade_in=last.fade_out)
    return events


def _overhang(plan: Plan, layer: PlannedLayer) -> float:
    """Return for how many seconds the last event sounds after the end."""
    ends = (event.time + event.duration for event in layer.events)
    return max(0.0, max(ends, default=0.0) - plan.duration)


def _ring(
    layer: PlannedLayer, duration: float, start: float, end: float
) -> tuple[PlannedEvent, ...]:
    """Repeat the events of a layer between two times.

    At the very beginning, those are included that wrap around: a long one may do so several times.
    """
    longest = max((event.duration for event in layer.events), default=0.0)
    first = int(start // duration) if start else -math.ceil(longest / duration)
    return tuple(
        replace(event, time=time)
        for cycle in range(first, int(end // duration) + 1)
        for event in layer.events
        if start <= (time := event.time + cycle * duration) < end
        or (start == 0 and time < 0 < time + event.duration)
    )
