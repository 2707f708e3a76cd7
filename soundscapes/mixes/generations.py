"""Asking for soundscapes. What the worker then does is in `rendering`."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any

from django.db import transaction

from soundscapes.jobs import queue
from soundscapes.limits import admission, quotas, storage
from soundscapes.models import Generation, Image, State, User
from soundscapes.models.generations import DEFAULT_DURATION, DEFAULT_LAYERS, MAX_SEED, Mode
from soundscapes.models.jobs import RETRIED_STATES
from soundscapes.pictures import images, matching

LOST = "Its sound was lost on the server. Retry makes it again from the same picture."
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

    Raises LimitError where the user's quota or storage is used up, or too much is waiting already.
    """
    size = admit(user, duration, layer_count)
    with transaction.atomic():
        generation = Generation.objects.create(
            owner=user,
            image=image,
            duration=duration,
            layer_count=layer_count,
            mode=mode,
            size=size,
            seed=secrets.randbelow(MAX_SEED) if seed is None else seed,
        )
        queue.enqueue(generation)
        generation.refresh_from_db()
    return generation


def create_of_photo(user: User, data: bytes, title: str = "", **options: Any) -> Generation:
    """Keep a photo and ask for a soundscape of it; without the one, the other is not kept either.

    Raises PhotoError for what is no usable photo, LimitError where quota or storage is used up.
    """
    quotas.check(user, quotas.Kind.GENERATE)
    duration = options.get("duration", DEFAULT_DURATION)
    layer_count = options.get("layer_count", DEFAULT_LAYERS)
    storage.check_room(user, len(data) + storage.expected_size(duration, layer_count))
    return create_generation(user, images.upload_image(user, data, title), **options)


def admit(user: User, duration: int, layer_count: int) -> int:
    """Count one soundscape more of a user; the bytes that it is expected to take.

    Raises LimitError where the quota or the storage is used up, or too much is waiting already.
    """
    admission.require_room(user)
    size = storage.expected_size(duration, layer_count)
    storage.check_room(user, size)
    quotas.charge(user, quotas.Kind.GENERATE)
    return size


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
    """The soundscape that there is of a picture with these options; none that another encoder made,
    and no copy of somebody else's."""
    return (
        Generation.objects.owned_by(user)
        .filter(image=image, duration=duration, layer_count=layer_count, mode=mode)
        .filter(seed=repeatable_seed(image) if seed is None else seed)
        .filter(layer_choices=[], origin="", encoder__in=("", matching.current_encoder().slug))
        .first()
    )


def get_or_create_generation(
    user: User, image: Image, *, seed: int | None = None, **options: Any
) -> Generation:
    """The soundscape that a program gets for a picture: the one there is, or a new one.

    One that failed or was cancelled is tried again. Raises LimitError where that would be new work
    and the quota or the storage is used up, or too much is waiting already.
    """
    options |= {"seed": repeatable_seed(image) if seed is None else seed}
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two calls at once make one soundscape
        existing = find_generation(user, image, **options)
        if existing is None:
            return create_generation(user, image, **options)
    retry_generation(existing)
    return existing


def retry_generation(generation: Generation) -> None:
    """Start a failed or cancelled soundscape over, for its owner.

    Raises LimitError where the owner's quota or storage is used up, or too much is waiting already.
    """
    if generation.state in RETRIED_STATES:
        admit(generation.owner, generation.duration, generation.layer_count)
        _start_over(generation)


def restart_generation(generation: Generation) -> None:
    """Start a failed or cancelled soundscape over, whoever asks for it.

    Raises BacklogError where too much is waiting already.
    """
    if generation.state in RETRIED_STATES:
        admission.require_room(generation.owner)
        _start_over(generation)


def _start_over(generation: Generation) -> None:
    queue.enqueue(generation)
    generation.refresh_from_db()


def fail_lost(generation: Generation) -> None:
    """Say of a finished soundscape that its sound is lost, so that a retry makes it again."""
    ready = Generation.objects.finished().filter(pk=generation.pk, audio=generation.audio.name)
    with transaction.atomic():
        nothing = {"audio": "", "audio_checksum": "", "spectrogram": ""}
        if ready.update(state=State.FAILED, stage="Failed", error=LOST, **nothing):
            generation.layers.update(stem="")
            generation.renditions.all().delete()


def forget_extras(generation: Generation, names: Collection[str]) -> None:
    """Do without files of a soundscape that are lost: its spectrogram, its layers' stems."""
    mine = Generation.objects.filter(pk=generation.pk)
    mine.filter(spectrogram__in=names).update(spectrogram="")
    generation.layers.filter(stem__in=names).update(stem="")


def cancel_generation(generation: Generation, words: str = CANCELLED) -> None:
    """Stop making a soundscape; a worker that is at it notices at its next report."""
    Generation.objects.cancel(generation.pk, words)
    generation.refresh_from_db()
