"""Remixes of a soundscape: other levels, positions, clips and categories."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db import transaction

from soundscapes.engine.errors import EngineError
from soundscapes.engine.layer_choices import LayerChoice, to_json
from soundscapes.engine.sound.clips import OWN
from soundscapes.generations import generations
from soundscapes.limits import storage
from soundscapes.limits.admission import admit
from soundscapes.limits.quotas import Kind
from soundscapes.models import Category, Generation, User
from soundscapes.models.generations import MAX_LAYERS

POSITION_STEP = 0.05
"""Steps of the mixer's faders. Exact positions differ from their faders by less."""


class RemixError(EngineError):
    """An impossible remix, with the change that is needed."""


def create_remix(
    user: User, parent: Generation, choices: Sequence[LayerChoice], name: str = ""
) -> Generation:
    """Request a remix of `parent` with other layers and the same seed, hence the same events.

    Raise RemixError for invalid choices or those of `parent`, LimitError if a limit is exceeded.
    """
    _check(user, choices)
    if not is_changed(parent, choices):
        raise RemixError("Nothing changed. Change a layer first.")
    remix = Generation(
        owner=user,
        image=parent.image,
        parent=parent,
        remix_name=" ".join(name.split()),
        layer_choices=to_json(choices),
        duration=parent.duration,
        seed=parent.seed,
        layer_count=parent.layer_count,
        mode=parent.mode,
        size=storage.expected_size(parent.duration),
    )
    with transaction.atomic():
        admit(user, Kind.GENERATE, size=remix.size, duration=remix.duration)
        return generations.queue_generation(remix)


def _check(user: User, choices: Sequence[LayerChoice]) -> None:
    if not choices:
        raise RemixError("There are no layers. Add at least one.")
    if not any(not choice.is_muted for choice in choices):
        raise RemixError("All layers are muted. Unmute at least one.")
    if len(choices) > MAX_LAYERS:
        raise RemixError(f"A soundscape can have up to {MAX_LAYERS} layers. Remove one.")
    slugs = [choice.category for choice in choices]
    offered = dict(Category.everything.usable_by(user).values_list("slug", "label"))
    for slug in slugs:
        if slug.startswith(OWN) and slug not in offered:
            raise RemixError("A recording in this mix is no longer available. Choose another one.")
        if slug not in offered:
            raise RemixError(f"There is no category “{slug}”. Choose another one.")
        if slugs.count(slug) > 1:
            raise RemixError(
                f"Two layers use {offered[slug]}. Choose another category for one of them."
            )


def is_changed(generation: Generation, choices: Sequence[LayerChoice]) -> bool:
    """Return whether the choices sound different from the soundscape."""
    current = {choice.place: choice for choice in generation.current_choices()}
    if current.keys() != {choice.place for choice in choices}:
        return True
    return any(_differs(current[choice.place], choice) for choice in choices)


def _differs(old: LayerChoice, new: LayerChoice) -> bool:
    plain = replace(new, position=old.position)
    return plain != old or (_is_moved(old, new) and not new.is_muted)


def _is_moved(old: LayerChoice, new: LayerChoice) -> bool:
    if old.position is None or new.position is None:
        return old.position != new.position
    return abs(old.position - new.position) > POSITION_STEP / 2 + 1e-9


def next_best(generation: Generation, passed_over: Collection[str]) -> Category | None:
    ranked = generation.image.similarities.by_encoder(generation.encoder)
    offered = ranked.filter(category__in=Category.objects.offered())
    best = offered.exclude(category__slug__in=passed_over).first()
    return best.category if best else None
