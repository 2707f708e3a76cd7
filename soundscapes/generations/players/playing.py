"""Playing: what a player makes a soundscape of, for as long as somebody listens.

It gets events, as the planner places them, and the clips that they name.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundscapes.engine.errors import MissingClipError
from soundscapes.engine.sound.endless.continuation import part_of
from soundscapes.engine.sound.mixer import HEADROOM_DB
from soundscapes.engine.sound.plan import Plan, PlannedEvent, PlannedLayer
from soundscapes.engine.sound.renderer import gain_of
from soundscapes.engine.sound.samples import to_ratio
from soundscapes.files.local_copies import clip_files, clip_for_player, clip_path
from soundscapes.models import Clip, Generation

DIGITS = 6  # of seconds: a hundredth of a sample


@dataclass(frozen=True, slots=True)
class PlayerClip:
    """The clip of a layer as a player gets it: a file, and whether it is a user's own."""

    path: Path
    is_own: bool


def part(generation: Generation, number: int) -> dict[str, Any]:
    """Return a part of an endless soundscape as JSON types.

    Times are in seconds since its beginning. An event is a list: number of its clip, offset in the
    clip, time, duration, gain in dB, position, rate, fade-in, fade-out. Raise EngineError for an
    unreadable plan, a lost clip and a part that does not exist.
    """
    plan = Plan.from_json(generation.plan)
    rows = clips_of(plan)
    clips = {checksum: row.to_engine() for checksum, row in rows.items()}
    found = part_of(plan, number, clips, lambda clip: file_of(rows[clip.checksum]))
    return {
        "start": found.start,
        "end": found.end,
        "gain": to_ratio(gain_db(generation, plan) + HEADROOM_DB),
        "layers": [
            _layer(layer, events) for layer, events in zip(plan.layers, found.layers, strict=True)
        ],
    }


def clips_of(plan: Plan) -> dict[str, Clip]:
    """Return the clips that the plan names, by checksum.

    Raise MissingClipError if one that it plays is lost.
    """
    named = [credit.clip for credit in (*plan.credits, *plan.others)]
    rows = Clip.objects.filter(checksum__in=named).select_related("category")
    found = {row.checksum: row for row in rows}
    for credit in plan.credits:
        if credit.clip not in found:
            raise MissingClipError(f"The clip “{credit.title}” of {credit.category} is missing.")
    return found


def file_of(clip: Clip) -> Path | None:
    with suppress(FileNotFoundError):
        return clip_path(clip)
    return None


def gain_db(generation: Generation, plan: Plan) -> float:
    """Return the gain of the mix. Where none is stored, as by earlier releases, it is measured."""
    if generation.gain_db is None:
        generation.gain_db = gain_of(plan, clip_files(plan))
        unknown = Generation.objects.filter(pk=generation.pk, gain_db=None)
        unknown.update(gain_db=generation.gain_db)
    return generation.gain_db


def _layer(layer: PlannedLayer, events: Iterable[PlannedEvent]) -> dict[str, Any]:
    events = sorted(events, key=lambda event: event.time)
    clips = sorted({event.clip for event in events})
    numbers = {clip: number for number, clip in enumerate(clips)}
    return {
        "place": layer.rank,
        "position": layer.position,
        "distance": layer.distance,
        "width": layer.player_width,
        "wide": layer.width > layer.player_width,  # clips are sent so
        "likeness": layer.likeness,
        "clips": clips,
        "events": [
            [
                numbers[event.clip],
                round(event.offset, DIGITS),
                round(event.time, DIGITS),
                round(event.duration, DIGITS),
                round(layer.gain_db + event.gain_db, 2),
                round(event.position, 3),
                event.rate,
                round(event.fade_in, DIGITS),
                round(event.fade_out, DIGITS),
            ]
            for event in events
        ],
    }


def layer_clip(generation: Generation, place: int, checksum: str, form: str) -> PlayerClip:
    """Return a clip that a layer of the plan plays, now or later, as .ogg or .flac.

    Raise FileNotFoundError for other clips and lost ones, EngineError for an unreadable plan.
    """
    plan = Plan.from_json(generation.plan)
    layer = next((layer for layer in plan.layers if layer.rank == place), None)
    if layer is None or checksum not in _named(plan, layer):
        raise FileNotFoundError(checksum)
    row = Clip.objects.filter(checksum=checksum).first()
    if row is None:
        raise FileNotFoundError(checksum)
    path = clip_for_player(row, layer.player_treatment, form)
    return PlayerClip(path, row.owner_id is not None)


def _named(plan: Plan, layer: PlannedLayer) -> set[str]:
    others = {credit.clip for credit in plan.others if credit.category == layer.category}
    return others | {event.clip for event in layer.events}
