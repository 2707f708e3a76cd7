"""Plans: all decisions about a soundscape, made before rendering.

A plan is stored as JSON with every soundscape and reproduces the same bytes. Times are in seconds,
levels in dB, positions from -1 (left) to 1 (right).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

from soundscapes.engine.catalogue import Kind
from soundscapes.engine.errors import EngineError
from soundscapes.engine.modes import MODES
from soundscapes.engine.sound.clips import OWN

PLAN_VERSION = 6
ADDED: dict[int, dict[str, Any]] = {
    2: {"distance": 0.0},
    3: {"width": 0.0, "likeness": 0.0},
    4: {"fits": ()},
    5: {"decorrelator": "velvet"},
}
"""By version: what the next one added to layers, with the value that was heard before."""
DECORRELATORS = ("velvet", "all-pass", "quadrature")
MIN_DURATION = 5.0
MAX_DURATION = 3600.0
MAX_LEVEL_DB = 120.0
"""Largest distance of any level in a plan from full scale."""


@dataclass(frozen=True, slots=True)
class Credit:
    """Author and licence of a clip; `collection` names its data set and that one's licence."""

    clip: str
    category: str
    title: str
    author: str
    licence: str
    url: str
    source: str
    collection: str


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One stretch of one clip, placed in time.

    `clip` is a file checksum. `duration` is in audible seconds; at a `rate` of 1.05, 1.05 times as
    many seconds of the clip are used, starting at `offset`. Events wrap around from the end to the
    beginning. Fades are equal-power.
    """

    clip: str
    offset: float
    time: float
    duration: float
    gain_db: float
    position: float
    rate: float
    fade_in: float
    fade_out: float


@dataclass(frozen=True, slots=True)
class ClipFit:
    """The cosine similarity of the image and a clip's words."""

    clip: str
    fit: float


@dataclass(frozen=True, slots=True)
class Treatment:
    """Processing of a layer's clips before they are mixed; as in `PlannedLayer`."""

    distance: float
    width: float
    decorrelator: str


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """One category: why it is there, and its events.

    `gain_db` adds to each event's. `distance`, 0 (near) to 1 (far), takes treble. `width` is the
    share of a mono clip's power, 0 to 0.5, that differs between the ears, and `decorrelator` names
    what makes it differ. `likeness` is the correlation of the sounds that its fades join, from 0 up
    to 1, which shapes the fades. `fits` are those of the best clips and of the events', best first;
    empty if none was compared.
    """

    category: str
    kind: Kind
    rank: int
    score: float
    position: float
    reason: str
    gain_db: float
    distance: float
    width: float
    decorrelator: str
    likeness: float
    fits: tuple[ClipFit, ...]
    events: tuple[PlannedEvent, ...]

    @property
    def treatment(self) -> Treatment:
        return Treatment(self.distance, self.width, self.decorrelator)

    @property
    def player_width(self) -> float:
        """The width that players add to mono clips, with the decorrelator of static/js/width.js."""
        return self.width if self.decorrelator == "quadrature" else 0.0

    @property
    def player_treatment(self) -> Treatment:
        """The treatment of clips before a player makes them wide."""
        if self.width > self.player_width:
            return self.treatment
        return Treatment(self.distance, 0.0, "")

    @property
    def is_chain(self) -> bool:
        """Return True for one recording drawn out, whose stretches follow each other."""
        return self.width > 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A soundscape. `target_lufs` is its integrated loudness by ITU-R BS.1770.

    `credits` are of the clips that are heard, `others` of those that may be heard if it goes on
    (`continuation`).
    """

    version: int
    seed: int
    duration: float
    encoder: str
    mode: str
    target_lufs: float
    layers: tuple[PlannedLayer, ...]
    credits: tuple[Credit, ...]
    others: tuple[Credit, ...]

    def to_json(self) -> dict[str, Any]:
        """Return JSON types; `from_json` restores an equal plan."""
        document: dict[str, Any] = _plain(asdict(self))
        return document

    @classmethod
    def from_json(cls, document: Any) -> Plan:
        """Parse a JSON document.

        Raise EngineError for an unknown version, missing or unknown keys, wrong types, or values
        out of range.
        """
        if not isinstance(document, dict):
            raise EngineError("This is not a plan: it must be a JSON object.")
        document = _upgraded(document)
        version = document.get("version")
        if version != PLAN_VERSION or isinstance(version, bool):
            raise EngineError(
                f"This plan has version {version!r}, but this program reads version "
                f"{PLAN_VERSION}. Create a new soundscape from the image."
            )
        plan: Plan = _parse(cls, document, "plan")
        for problem in _problems(plan):
            raise EngineError(f"The plan is malformed: {problem}.")
        return plan


def _upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document of an earlier version as one of this version that sounds the same."""
    version, layers = document.get("version"), document.get("layers")
    if type(version) is not int or version not in ADDED or not isinstance(layers, list):
        return document
    rows = [ADDED[version] | row if isinstance(row, dict) else row for row in layers]
    return _upgraded({"others": [], **document, "version": version + 1, "layers": rows})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def _parse(kind: Any, value: Any, where: str) -> Any:
    """Parse a dataclass, tuple, enumeration or plain type. Raise EngineError."""
    if get_origin(kind) is tuple and isinstance(value, list | tuple):
        item = get_args(kind)[0]
        return tuple(_parse(item, entry, f"{where}[{n}]") for n, entry in enumerate(value))
    if hasattr(kind, "__dataclass_fields__") and isinstance(value, dict):
        names = {field.name for field in fields(kind)}
        if names != value.keys():
            wrong = ", ".join(sorted(map(str, names ^ value.keys())))
            raise EngineError(f"The plan is malformed: missing or unknown in {where}: {wrong}.")
        hints = get_type_hints(kind)
        return kind(**{name: _parse(hints[name], value[name], f"{where}.{name}") for name in names})
    if kind is Kind and value in tuple(Kind):
        return Kind(value)
    if kind is str and isinstance(value, str) and value == value.encode(errors="ignore").decode():
        return value
    if kind is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):
            return float(value)
    raise EngineError(f"The plan is malformed: {where} has an invalid value ({value!r:.60}).")


def _problems(plan: Plan) -> Iterator[str]:
    if not MIN_DURATION <= plan.duration <= MAX_DURATION:
        yield f"its duration is not between {MIN_DURATION:g} and {MAX_DURATION:g} seconds"
    if plan.mode not in MODES:
        yield f"its mode is not one of {', '.join(MODES)}"
    if plan.seed < 0:
        yield "its seed is negative"
    if not -MAX_LEVEL_DB <= plan.target_lufs <= 0:
        yield "its target loudness is out of range"
    credited = {credit.category for credit in plan.credits}
    for layer in plan.layers:
        if layer.category.startswith(OWN) and layer.category not in credited:
            yield f"the recording of {layer.category} has no credit"
        if not (-1 <= layer.position <= 1 and math.isfinite(layer.score)):
            yield f"the position or the score of {layer.category} is out of range"
        if not 0 <= layer.distance <= 1:
            yield f"the distance of {layer.category} is out of range"
        if not 0 <= layer.width <= 0.5:
            yield f"the width of {layer.category} is out of range"
        if layer.decorrelator not in DECORRELATORS:
            yield f"the decorrelator of {layer.category} is unknown"
        if not 0 <= layer.likeness <= 1:
            yield f"the likeness of {layer.category} is out of range"
        if not all(-1 <= each.fit <= 1 for each in layer.fits):
            yield f"a clip's fit of {layer.category} is out of range"
        for number, event in enumerate(layer.events):
            if not _is_sound(event, layer.gain_db, plan.duration):
                yield f"event {number} of {layer.category} is out of range"


def _is_sound(event: PlannedEvent, layer_gain_db: float, total: float) -> bool:
    return (
        0 <= event.time < total
        and 0 < event.duration <= MAX_DURATION
        and 0 <= event.offset <= MAX_DURATION
        and abs(event.gain_db) <= MAX_LEVEL_DB
        and abs(layer_gain_db) <= MAX_LEVEL_DB
        and -1 <= event.position <= 1
        and 0.25 <= event.rate <= 4
        and 0 <= event.fade_in <= event.duration
        and 0 <= event.fade_out <= event.duration
    )
