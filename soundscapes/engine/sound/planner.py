"""Planner: chooses which clip plays when, how loud and where.

As in Salamon et al., "Scaper: A library for soundscape synthesis and augmentation", WASPAA 2017,
every random choice is made here from one seed; rendering is pure arithmetic.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import numpy as np
from numpy.random import Generator

from soundscapes.engine.catalogue import Kind
from soundscapes.engine.errors import EngineError
from soundscapes.engine.modes import CALM, FAITHFUL, MODES
from soundscapes.engine.sound.beds.chain import Stretch, stretches
from soundscapes.engine.sound.beds.listening import texture_of
from soundscapes.engine.sound.beds.walk import Walk
from soundscapes.engine.sound.clips import Clip
from soundscapes.engine.sound.plan import (
    MAX_DURATION,
    MIN_DURATION,
    PLAN_VERSION,
    ClipFit,
    Credit,
    Plan,
    PlannedEvent,
    PlannedLayer,
    Treatment,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE

TARGET_LUFS = -18.0
"""Audio Engineering Society, TD1008 "Recommendations for loudness of internet audio streaming",
2021, with a true peak of -1 dBTP."""

REFERENCE_LUFS = -23.0
LAG_STEP_DB = 2.0  # per standard deviation of the scores
RANK_STEP_DB = 2.5

PLAIN_CONFIDENCE = 0.4
"""A sound that fits with this probability or more is played plainly in a calm mix."""
SOFTEST_DB = -9.0
FAR_DB = -4.0
DISTANCES = 4  # steps: each distance of a clip is filtered and kept once

BED_MIN_CLIP = 1.0
BED_DB = -3.0
"""A bed is heard behind what happens in it (benchmarks/masking.py)."""
SWELL_DB = 2.5  # of a bed's level over minutes, per unit of its walk
SPELLS = 0.8  # of the logarithm of an event's waits over minutes, per unit of its walk
BED_WIDTH = 0.1875
"""The ears' coherence is 0.39, and their mean has 0.9 dB less power than either."""
BED_DECORRELATOR = "quadrature"
NEAR = Treatment(0.0, 0.0, "")
"""Of clips for players, in a layer that is near."""
BED_POSITION = 0.35  # of an event's at the same place: a bed is around the listener

FITS_KEPT = 8  # of a layer's clips, for the order in which others are offered

EVENT_MAX_DURATION = 12.0
EVENT_EXCERPT_FADE = 1.0
EVENT_FADE_IN = 0.004
EVENT_FADE_OUT = 0.03
EVENT_SPREAD = 0.15
EVENT_RATES = tuple(step / 36 for step in range(34, 39))
"""Just under a semitone up or down; ratios of small integers resample quickly."""
POOL = 12  # clips of which a layer's events are chosen


Locate = Callable[[Clip], Path | None]


@dataclass(frozen=True, slots=True)
class LayerRequest:
    """A category with its relative level, rank (1 is best) and reason.

    `score` is the similarity behind the rank; `position` runs from -1 (left) to 1, `y` from -1
    (top) to 1, `extent` is the share of the image that shows it. `clip` is the checksum of the only
    clip to use if available; empty for any. `confidence` is the probability that it fits; None
    where that is unknown, or somebody chose the layer. `lag` is how far its score is behind the
    best, in standard deviations; None if somebody chose the layer.
    """

    category: str
    kind: Kind
    gain_db: float
    rank: int
    score: float
    position: float
    reason: str
    clip: str = ""
    y: float = 0.0
    extent: float = 1.0
    confidence: float | None = None
    lag: float | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """Timing of a layer's events as a Poisson process with dead time.

    The silence between events is `refractory` seconds plus an exponential wait of mean `mean_wait`.
    `gain_db` is added to each event.
    """

    refractory: float
    mean_wait: float
    gain_db: float


@dataclass(frozen=True, slots=True)
class Scene:
    """Facts that all layers share: samples of the ring, the mode, and the clips' files."""

    total: int
    mode: str
    locate: Locate


PACES = {
    (CALM, Kind.OCCASIONAL): Pace(1.5, 6.0, 0.0),
    (CALM, Kind.STARTLING): Pace(15.0, 25.0, -9.0),
    (FAITHFUL, Kind.OCCASIONAL): Pace(0.8, 3.0, 0.0),
    (FAITHFUL, Kind.STARTLING): Pace(4.0, 8.0, 0.0),
}


def make_plan(
    requests: Sequence[LayerRequest],
    clips: Mapping[str, Sequence[Clip]],
    *,
    duration: float,
    seed: int,
    encoder: str,
    mode: str = CALM,
    target_lufs: float = TARGET_LUFS,
    locate: Locate = attrgetter("path"),
) -> Plan:
    """Plan `duration` seconds (5 to 3600) of the requested categories' clips.

    Beds listen to their clips, whose files `locate` finds; one without a file is joined anywhere.
    Pure: equal arguments give an equal plan. Every rank has its own random stream, spawned from
    `seed`, so that changing one layer leaves the others as they are. Raise EngineError for a
    duration or a seed out of range, an unknown mode, no requests, or a category without usable
    clips.
    """
    _check(requests, duration, mode, seed)
    streams = np.random.default_rng(seed).spawn(max(request.rank for request in requests))
    scene = Scene(round(duration * SAMPLE_RATE), mode, locate)
    planned = [
        _plan_layer(request, _usable(request, clips), scene, streams[request.rank - 1])
        for request in requests
    ]
    layers = tuple(layer for layer, _pool in planned)
    return Plan(
        version=PLAN_VERSION,
        seed=seed,
        duration=float(duration),
        encoder=encoder,
        mode=mode,
        target_lufs=float(target_lufs),
        layers=layers,
        credits=_credits(layers, clips),
        others=_others(planned),
    )


def _check(requests: Sequence[LayerRequest], duration: float, mode: str, seed: int) -> None:
    if not MIN_DURATION <= duration <= MAX_DURATION:
        raise EngineError(
            f"A soundscape lasts between {MIN_DURATION:g} and {MAX_DURATION:g} seconds, "
            f"not {duration:g}."
        )
    if mode not in MODES:
        raise EngineError(f"Unknown mode {mode!r}. Choose one of: {', '.join(MODES)}.")
    if seed < 0:
        raise EngineError(f"A seed is a whole number from 0, not {seed}.")
    if not requests:
        raise EngineError("There are no layers to mix. Request at least one category.")


def _usable(request: LayerRequest, clips: Mapping[str, Sequence[Clip]]) -> list[Clip]:
    usable = [clip for clip in clips.get(request.category, ()) if clip.duration * SAMPLE_RATE >= 1]
    if not usable:
        raise EngineError(
            f"The category {request.category} has no clips yet. "
            "Build the synthesised bank or add a clip."
        )
    return [clip for clip in usable if clip.checksum == request.clip] or usable


def _pool(clips: list[Clip], random: Generator) -> list[Clip]:
    """Choose the clips of a layer that comes and goes, now and if it goes on."""
    if len(clips) <= POOL:
        return clips
    weights = np.array([clip.weight for clip in clips])
    shares = weights / weights.sum()
    chosen = random.spawn(1)[0].choice(len(clips), POOL, replace=False, p=shares)
    return [clips[at] for at in sorted(chosen)]


def _plan_layer(
    request: LayerRequest, clips: list[Clip], scene: Scene, random: Generator
) -> tuple[PlannedLayer, list[Clip]]:
    """Return a layer and the clips of which it was made, or may be made if it goes on."""
    distance = _distance(request)
    gain_db = request.gain_db + _fit_db(request, scene.mode) + FAR_DB * distance
    width = likeness = 0.0
    lasting = [clip for clip in clips if clip.duration >= BED_MIN_CLIP]
    if request.kind is Kind.BED and lasting:
        width = BED_WIDTH
        gain_db += BED_DB
        clip = _choose(lasting, [], random)
        pool = [clip]
        events, likeness = _plan_bed(clip, scene, BED_POSITION * request.position, random)
    else:
        kind = Kind.OCCASIONAL if request.kind is Kind.BED else request.kind
        pace = PACES[scene.mode, kind]
        gain_db += pace.gain_db
        pool = _pool(clips, random)
        events = plan_events(pool, scene.total, request.position, pace, random)
    layer = PlannedLayer(
        category=request.category,
        kind=request.kind,
        rank=request.rank,
        score=float(request.score),
        position=float(request.position),
        reason=request.reason,
        gain_db=float(gain_db),
        distance=distance,
        width=width,
        decorrelator=BED_DECORRELATOR,
        likeness=likeness,
        fits=_fits(clips, {event.clip for event in events}),
        events=tuple(sorted(events, key=lambda event: (event.time, event.position))),
    )
    return layer, pool


def _distance(request: LayerRequest) -> float:
    """Return the distance, 0 to 1: small and high in the image is far."""
    far = max(0.0, -request.y) * (1.0 - request.extent)
    return round(far * DISTANCES) / DISTANCES


def _fit_db(request: LayerRequest, mode: str) -> float:
    """Return how much softer a sound is that fits less, by its score or its confidence.

    The level of a layer that somebody chose follows its place.
    """
    if request.lag is None:
        fit_db = -RANK_STEP_DB * (request.rank - 1)
    else:
        fit_db = -LAG_STEP_DB * request.lag
    doubt_db = _doubt_db(request.confidence) if mode == CALM else 0.0
    return max(SOFTEST_DB, min(fit_db, doubt_db))


def _doubt_db(confidence: float | None) -> float:
    """Return how much softer a doubtful sound is: amplitude follows confidence."""
    if confidence is None or confidence >= PLAIN_CONFIDENCE:
        return 0.0
    return max(SOFTEST_DB, 20.0 * math.log10(max(confidence, 1e-3) / PLAIN_CONFIDENCE))


def _plan_bed(
    clip: Clip, scene: Scene, position: float, random: Generator
) -> tuple[list[PlannedEvent], float]:
    """Return one recording drawn out to the whole ring, and the likeness of what its fades join."""
    path = scene.locate(clip)
    texture = texture_of(clip, path) if path and path.is_file() else None
    ring, likeness = stretches(int(clip.duration * SAMPLE_RATE), scene.total, texture, random)
    starts = np.array([stretch.start / SAMPLE_RATE for stretch in ring])
    swell = Walk(scene.total / SAMPLE_RATE, random).at(starts) * SWELL_DB
    gains = np.round(levelling_db(clip) + swell, 2)
    events = [
        stretch_event(clip, stretch, float(gain), position)
        for stretch, gain in zip(ring, gains, strict=True)
    ]
    return events, likeness


def stretch_event(clip: Clip, stretch: Stretch, gain_db: float, position: float) -> PlannedEvent:
    return PlannedEvent(
        clip=clip.checksum,
        offset=clip.start + stretch.offset / SAMPLE_RATE,
        time=stretch.start / SAMPLE_RATE,
        duration=stretch.length / SAMPLE_RATE,
        gain_db=gain_db,
        position=position,
        rate=1.0,
        fade_in=stretch.fade / SAMPLE_RATE,
        fade_out=stretch.fade / SAMPLE_RATE,
    )


def plan_events(
    clips: list[Clip], total: int, position: float, pace: Pace, random: Generator
) -> list[PlannedEvent]:
    """Place events on a ring of `total` samples; the last wait also applies before the first."""
    duration = total / SAMPLE_RATE
    spells = Walk(duration, random)
    time = random.uniform(0, min(duration, pace.mean_wait))
    events: list[PlannedEvent] = []
    chosen: list[Clip] = []
    while time < duration:
        clip = _choose(clips, chosen[-1:], random)
        event = _event(clip, time, position, random)
        chosen.append(clip)
        events.append(event)
        wait = random.exponential(pace.mean_wait) * math.exp(-SPELLS * float(spells.at(time)))
        time += event.duration + pace.refractory + wait
    while len(events) > 1 and _end(events[-1]) + pace.refractory > events[0].time + duration:
        events.pop()
    return events


def _event(clip: Clip, time: float, position: float, random: Generator) -> PlannedEvent:
    rate = float(random.choice(EVENT_RATES))
    whole = int(clip.duration / rate * SAMPLE_RATE) / SAMPLE_RATE
    duration = min(whole, EVENT_MAX_DURATION)
    is_excerpt = duration < whole
    spare = clip.duration - duration * rate if is_excerpt else 0.0
    fades = (EVENT_EXCERPT_FADE,) * 2 if is_excerpt else (EVENT_FADE_IN, EVENT_FADE_OUT)
    return PlannedEvent(
        clip=clip.checksum,
        offset=clip.start + float(random.uniform(0, spare)),
        time=int(time * SAMPLE_RATE) / SAMPLE_RATE,
        duration=duration,
        gain_db=levelling_db(clip) + float(np.clip(random.normal(-1, 2), -5, 3)),
        position=float(np.clip(position + random.normal(0, EVENT_SPREAD), -1, 1)),
        rate=rate,
        fade_in=min(fades[0], duration / 4),
        fade_out=min(fades[1], duration / 4),
    )


def _end(event: PlannedEvent) -> float:
    return event.time + event.duration


def _choose(clips: list[Clip], previous: list[Clip], random: Generator) -> Clip:
    """Choose a clip that was not used before, if there is one."""
    others = [clip for clip in clips if clip not in previous] or clips
    weights = np.array([clip.weight for clip in others])
    if (weights == weights[0]).all():
        return others[int(random.integers(len(others)))]
    return others[int(random.choice(len(others), p=weights / weights.sum()))]


def _fits(clips: list[Clip], used: Collection[str]) -> tuple[ClipFit, ...]:
    """Return the best fits and those of the used clips, best first."""
    known = [ClipFit(clip.checksum, clip.fit) for clip in clips if clip.fit is not None]
    known.sort(key=lambda each: (-each.fit, each.clip))
    return tuple(each for place, each in enumerate(known) if place < FITS_KEPT or each.clip in used)


def levelling_db(clip: Clip) -> float:
    """Return the gain to reference loudness, bounded so that noise is not amplified."""
    return float(np.clip(REFERENCE_LUFS - clip.loudness, -30.0, 30.0))


def _credits(
    layers: Iterable[PlannedLayer], clips: Mapping[str, Sequence[Clip]]
) -> tuple[Credit, ...]:
    found: list[Credit] = []
    for layer in layers:
        used = {event.clip for event in layer.events}
        found += [_credit(clip) for clip in clips[layer.category] if clip.checksum in used]
    return tuple(dict.fromkeys(found))


def _others(planned: Iterable[tuple[PlannedLayer, list[Clip]]]) -> tuple[Credit, ...]:
    """Return the credits of clips that layers may still use."""
    found: list[Credit] = []
    for layer, pool in planned:
        used = {event.clip for event in layer.events}
        found += [_credit(clip) for clip in pool if clip.checksum not in used]
    return tuple(dict.fromkeys(found))


def _credit(clip: Clip) -> Credit:
    return Credit(
        clip=clip.checksum,
        category=clip.category,
        title=clip.title,
        author=clip.author,
        licence=clip.licence,
        url=clip.url,
        source=clip.source,
        collection=clip.collection,
    )
