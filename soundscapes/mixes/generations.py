"""Asking for soundscapes. What the worker then does is in `rendering`."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from django.db import transaction

from soundscapes.jobs import queue
from soundscapes.limits import storage
from soundscapes.limits.admission import admit
from soundscapes.limits.quotas import Kind
from soundscapes.models import Generation, Image, State, User
from soundscapes.models.generations import DEFAULT_DURATION, DEFAULT_LAYERS, MAX_SEED, Mode
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
    size = storage.expected_size(duration, layer_count)
    admit(user, Kind.GENERATE, size=size)
    return queue_generation(
        Generation(
            owner=user,
            image=image,
            duration=duration,
            layer_count=layer_count,
            mode=mode,
            size=size,
            seed=new_seed() if seed is None else seed,
        )
    )


def create_of_photo(user: User, data: bytes, title: str = "", **options: Any) -> Generation:
    """Keep a photo and ask for a soundscape of it; without the one, the other is not kept either.

    Raises PhotoError for what is no usable photo, LimitError where quota or storage is used up.
    """
    options = {"duration": DEFAULT_DURATION, "layer_count": DEFAULT_LAYERS} | options
    size = storage.expected_size(options["duration"], options["layer_count"])
    admit(user, Kind.UPLOAD, Kind.GENERATE, size=size + len(data))
    image = images.keep_photo(user, data, title)
    seed = {"seed": new_seed()} | options
    return queue_generation(Generation(owner=user, image=image, size=size, **options | seed))


def queue_generation(generation: Generation) -> Generation:
    """Queue a new soundscape whose request was admitted, and the matching that it waits for."""
    with transaction.atomic():
        generation.save(force_insert=True)
        images.request_matching(generation.image)
        queue.enqueue(generation)
    generation.refresh_from_db()
    return generation


def new_seed() -> int:
    return secrets.randbelow(MAX_SEED)


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
    """Start a failed or cancelled soundscape over, for its owner; any other is left as it is.

    Raises LimitError where the owner's quota or storage is used up, or too much is waiting already.
    """
    with suppress(queue.WrongStateError):
        queue.retry(generation)


def admit_retry(generation: Generation) -> None:
    size = storage.expected_size(generation.duration, generation.layer_count)
    admit(generation.owner, Kind.GENERATE, size=size)


def restart_generation(generation: Generation) -> None:
    """Start a failed or cancelled soundscape over, on nobody's quota; any other is left as it is.

    Raises BacklogError where too much is waiting already.
    """
    admit(generation.owner)
    with suppress(queue.WrongStateError):
        queue.retry(generation, admitted=True)


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
    with suppress(queue.WrongStateError):
        queue.cancel(generation, words)
