"""Remixes of a soundscape: other levels, places, clips and sounds."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db import transaction

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.layer_choices import LayerChoice, to_json
from soundscapes.generations import generations
from soundscapes.limits import storage
from soundscapes.limits.admission import admit
from soundscapes.limits.quotas import Kind
from soundscapes.models import Category, Generation, User
from soundscapes.models.generations import MAX_LAYERS


class RemixError(EngineError):
    """A remix that cannot be made; the message says what to change."""


def create_remix(user: User, parent: Generation, choices: Sequence[LayerChoice]) -> Generation:
    """Request a version of `parent` with other layers and the same seed, hence events.

    Raises RemixError for what cannot be mixed, LimitError where a limit is exceeded.
    """
    _check(choices)
    remix = Generation(
        owner=user,
        image=parent.image,
        parent=parent,
        layer_choices=to_json(choices),
        duration=parent.duration,
        seed=parent.seed,
        layer_count=parent.layer_count,
        mode=parent.mode,
        size=storage.expected_size(parent.duration, len(choices)),
    )
    with transaction.atomic():
        admit(user, Kind.GENERATE, size=remix.size, duration=remix.duration)
        return generations.queue_generation(remix)


def _check(choices: Sequence[LayerChoice]) -> None:
    if not any(not choice.is_muted for choice in choices):
        raise RemixError("Nothing would be heard. Leave at least one sound in that is not muted.")
    if len(choices) > MAX_LAYERS:
        raise RemixError(f"A soundscape has {MAX_LAYERS} sounds at most. Take one away.")
    slugs = [choice.category for choice in choices]
    offered = dict(Category.objects.offered().values_list("slug", "label"))
    for slug in slugs:
        if slug not in offered:
            raise RemixError(f"There is no sound called “{slug}”. Choose another one.")
        if slugs.count(slug) > 1:
            raise RemixError(
                f"There is {offered[slug]} twice. Choose another sound for one of them."
            )


def current_choices(generation: Generation) -> list[LayerChoice]:
    places = {layer.category.slug: layer.position for layer in generation.layers.all()}
    if generation.layer_choices:
        return [
            replace(choice, position=places.get(choice.category, choice.position))
            for choice in generation.choices
        ]
    return [
        LayerChoice(place=layer.rank, category=layer.category.slug, position=layer.position)
        for layer in generation.layers.all()
    ]


def next_best(generation: Generation, passed_over: Collection[str]) -> Category | None:
    ranked = generation.image.similarities.by_encoder(generation.encoder)
    offered = ranked.filter(category__in=Category.objects.offered())
    best = offered.exclude(category__slug__in=passed_over).first()
    return best.category if best else None
