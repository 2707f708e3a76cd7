"""From a ranking to a plan, with the clips and categories as they are in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from soundscapes.engine.composer import clip_paths, layer_requests, preferred_clips
from soundscapes.engine.matching.matcher import Match
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.planner import LayerRequest, make_plan
from soundscapes.models import Category, Clip
from soundscapes.services import matching


@dataclass(frozen=True, slots=True)
class Composition:
    """What will be rendered: the layers asked for, their plan, and each clip's file."""

    requests: tuple[LayerRequest, ...]
    plan: Plan
    paths: dict[str, Path]


def compose(
    matches: Sequence[Match], *, duration: float, seed: int, layer_count: int
) -> Composition:
    """Plan a soundscape of the first `layer_count` matches.

    Raises EngineError when there is no sound to choose from.
    """
    offered = list(Category.objects.offered())
    requests = layer_requests(matches, [row.to_engine() for row in offered], layer_count)
    rows = Clip.objects.playable().filter(category__slug__in=[r.category for r in requests])
    clips = preferred_clips(
        (row.to_engine() for row in rows.select_related("category")),
        {row.slug for row in offered if row.sources == Category.Sources.ALL},
    )
    plan = make_plan(requests, clips, duration=duration, seed=seed, encoder=matching.encoder().name)
    return Composition(tuple(requests), plan, clip_paths(clips))
