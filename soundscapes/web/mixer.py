"""Context of a soundscape page: its layers as a mixer, with the reason for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from soundscapes.engine.errors import EngineError
from soundscapes.engine.layer_choices import LayerChoice
from soundscapes.engine.matching.confidence import UNSURE
from soundscapes.engine.matching.evidence import peak
from soundscapes.engine.sound.credits import Licence, effective_licence
from soundscapes.engine.sound.plan import Credit
from soundscapes.generations import remixes
from soundscapes.models import Category, Clip, Generation, Layer, Similarity, User
from soundscapes.models.generations import MAX_LAYERS
from soundscapes.sounds import own_recordings
from soundscapes.web.forms import ShareForm

RUNNERS_UP = 3
MAX_VERSIONS = 20
EDGE, PIN_WIDTH, PIN_HEIGHT = 6, 9, 11  # percent of the image


@dataclass(frozen=True)
class Pin:
    """Place of a layer's number on the image, in percent of its width and height."""

    x: float
    y: float

    @classmethod
    def at(cls, similarity: Similarity, others: Sequence[Pin]) -> Pin:
        """Return the place of the evidence, or the next one below or above that is free."""
        middle = ((similarity.position + 1) / 2, (similarity.y + 1) / 2)
        pin = cls(*map(_inside, peak(similarity.evidence) or middle))
        steps = [step for number in range(MAX_LAYERS) for step in (number, -number)]
        tried = (cls(pin.x, pin.y + PIN_HEIGHT * step) for step in steps)
        return next((one for one in tried if one._is_free(others)), pin)

    def _is_free(self, others: Sequence[Pin]) -> bool:
        return EDGE <= self.y <= 100 - EDGE and not any(
            abs(self.x - other.x) < PIN_WIDTH and abs(self.y - other.y) < PIN_HEIGHT
            for other in others
        )


def _inside(place: float) -> float:
    """Map 0 to 1 to percent, clear of the edges."""
    return round(min(100.0 - EDGE, max(EDGE, 100 * place)), 1)


@dataclass
class Row:
    """One layer of the mixer; `layer` is None for a muted or new one."""

    place: int
    category: Category
    choice: LayerChoice
    layer: Layer | None = None
    similarity: Similarity | None = None
    clips: list[Clip] = field(default_factory=list)
    credits: list[dict[str, Any]] = field(default_factory=list)
    rejected: str = ""
    pin: Pin | None = None

    @property
    def place_of_sound(self) -> float:
        """The layer's position, rounded to the fader's steps."""
        found = self.similarity.position if self.similarity else 0.0
        exact = found if self.choice.position is None else self.choice.position
        return round(exact / remixes.POSITION_STEP) * remixes.POSITION_STEP

    @property
    def is_heard(self) -> bool:
        """Return whether the soundscape has this layer, so that a player can change it."""
        layer = self.layer
        if layer is None or layer.category_id != self.category.pk:
            return False
        return layer.generation.is_renderable


@dataclass
class Mixer:
    rows: list[Row]
    similarities: list[Similarity]
    owner: User

    @cached_property
    def recordings(self) -> list[Category]:
        """The owner's recordings without a category, and those in rows of a copied soundscape."""
        usable = Category.everything.recorded_by(self.owner)
        shown = (row.category for row in self.rows if row.category.is_private)
        return list({each.pk: each for each in (*usable, *shown)}.values())

    @property
    def best(self) -> float:
        return self.similarities[0].score if self.similarities else 0.0

    @property
    def is_unsure(self) -> bool:
        """Return True if even the best match is a guess."""
        first = self.similarities[0].confidence if self.similarities else None
        return first is not None and first < UNSURE

    @property
    def runners_up(self) -> list[Similarity]:
        taken = {row.category.pk for row in self.rows}
        others = [row for row in self.similarities if row.category_id not in taken]
        return others[:RUNNERS_UP]

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= MAX_LAYERS


def mixer_of(generation: Generation, choices: Sequence[LayerChoice] | None = None) -> Mixer:
    """Return the mixer of a soundscape with its saved layers or with unsaved `choices`."""
    if choices is None:
        choices = generation.current_choices()
    similarities = list(generation.image.similarities.by_encoder(generation.encoder))
    by_slug = {row.category.slug: row for row in similarities}
    slugs = {choice.category for choice in choices}
    categories = Category.everything.filter(slug__in=slugs).in_bulk(field_name="slug")
    clips = Clip.objects.playable(generation.owner).order_by("title").by_category(slugs)
    layers = {layer.rank: layer for layer in generation.layers.all()}
    fits, heard = _fits(generation), {credit.get("clip") for credit in generation.credits}
    rows = [
        Row(
            place=choice.place,
            category=categories[choice.category],
            choice=choice,
            layer=layers.get(choice.place),
            similarity=by_slug.get(choice.category),
            clips=_by_fit(clips.get(choice.category, []), fits, set() if choice.clip else heard),
            credits=[
                c | {"fit": fits.get(c.get("clip", "")), "is_later": is_later}
                for some, is_later in (
                    (generation.credits, False),
                    (generation.later_credits, True),
                )
                for c in some
                if c.get("category") == choice.category
            ],
        )
        for choice in choices
        if choice.category in categories
    ]
    _set_pins(rows)
    return Mixer(rows, similarities, generation.owner)


def _fits(generation: Generation) -> dict[str, float]:
    """Return how well clips fit the image, as far as the plan says so, by checksum."""
    layers = (generation.plan or {}).get("layers") or ()
    return {each["clip"]: each["fit"] for layer in layers for each in layer.get("fits", ())}


def _by_fit(
    clips: Sequence[Clip], fits: Mapping[str, float], heard: Collection[str | None]
) -> list[Clip]:
    """Sort clips by fit, with those that are heard already behind the others."""
    return sorted(clips, key=lambda clip: (clip.checksum in heard, -fits.get(clip.checksum, -1.0)))


def _set_pins(rows: Sequence[Row]) -> None:
    pins: list[Pin] = []
    for row in rows:
        if row.similarity:
            row.pin = Pin.at(row.similarity, pins)
            pins.append(row.pin)


def page_of(generation: Generation, **more: Any) -> dict[str, Any]:
    context = {"generation": generation} | more
    if generation.plan is None:
        return context
    mixer = context.setdefault("mixer", mixer_of(generation))
    versions = list(
        Generation.objects.owned_by(generation.owner)
        .versions_of(generation.image)
        .for_list()[:MAX_VERSIONS]
    )
    return context | {
        "mixer": mixer,
        "licence": licence_of(generation),
        "versions": versions,
        "share_form": context.get("share_form") or ShareForm(),
        "own_recordings": own_recordings.titles_in(generation),
        "links": list(generation.share_links.order_by("created_at")),
    }


def licence_of(generation: Generation) -> Licence | None:
    """Return the soundscape's licence, or None if its plan is unreadable."""
    try:
        heard = (*generation.credits, *generation.later_credits)
        return effective_licence(Credit(**credit) for credit in heard)
    except (TypeError, EngineError):  # the plan is from an earlier release
        return None
