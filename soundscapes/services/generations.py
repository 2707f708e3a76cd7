"""Asking for soundscapes. What the worker then does is in `rendering`."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction

from soundscapes.models import Generation, Image, User
from soundscapes.models.generations import DEFAULT_DURATION, DEFAULT_LAYERS, MAX_SEED, Mode
from soundscapes.models.jobs import RETRIED_STATES
from soundscapes.services import backlog, jobs, matching

CANCELLED = "You cancelled this. Nothing is lost: it can still be made."


def create_generation(
    user: User,
    image: Image,
    *,
    duration: int = DEFAULT_DURATION,
    layer_count: int = DEFAULT_LAYERS,
    seed: int | None = None,
    mode: str = Mode.CALM,
) -> Generation:
    """Ask for a soundscape of a picture; without a seed, a new one every time.

    Raises BacklogError where too much is waiting already.
    """
    backlog.require_room(user)
    with transaction.atomic():
        generation = Generation.objects.create(
            owner=user,
            image=image,
            duration=duration,
            layer_count=layer_count,
            mode=mode,
            seed=secrets.randbelow(MAX_SEED) if seed is None else seed,
        )
        jobs.enqueue(generation)
        generation.refresh_from_db()
    return generation


def repeatable_seed(image: Image) -> int:
    """A seed that belongs to the picture, so that asking again gives the same sound."""
    return int(image.checksum[:8], 16) % MAX_SEED


def find_generation(
    user: User,
    image: Image,
    *,
    duration: int = DEFAULT_DURATION,
    layer_count: int = DEFAULT_LAYERS,
    seed: int | None = None,
    mode: str = Mode.CALM,
) -> Generation | None:
    """The soundscape that there is of a picture by this recipe; none that another encoder made."""
    return (
        Generation.objects.owned_by(user)
        .filter(image=image, duration=duration, layer_count=layer_count, mode=mode)
        .filter(seed=repeatable_seed(image) if seed is None else seed)
        .filter(recipe=[], encoder__in=("", matching.current_encoder().slug))
        .first()
    )


def get_or_create_generation(
    user: User, image: Image, *, seed: int | None = None, **recipe: Any
) -> Generation:
    """The soundscape that a program gets for a picture: the one there is, or a new one.

    One that failed or was cancelled is tried again. Raises BacklogError where that would be new
    work and too much is waiting already.
    """
    recipe |= {"seed": repeatable_seed(image) if seed is None else seed}
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two calls at once make one soundscape
        existing = find_generation(user, image, **recipe)
        if existing is None:
            return create_generation(user, image, **recipe)
    retry_generation(existing)
    return existing


def retry_generation(generation: Generation) -> None:
    """Start a failed or cancelled soundscape over. Raises BacklogError."""
    if generation.state in RETRIED_STATES:
        backlog.require_room(generation.owner)
        jobs.enqueue(generation)
        generation.refresh_from_db()


def cancel_generation(generation: Generation, words: str = CANCELLED) -> None:
    """Stop making a soundscape; a worker that is at it notices at its next report."""
    Generation.objects.cancel(generation.pk, words)
    generation.refresh_from_db()
