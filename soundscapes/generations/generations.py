"""Requests for soundscapes, which `rendering` fulfils."""

import secrets
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils import timezone

from soundscapes.images import images, matching
from soundscapes.jobs import queue
from soundscapes.limits import storage
from soundscapes.limits.admission import admit
from soundscapes.limits.errors import LimitError
from soundscapes.limits.quotas import Kind
from soundscapes.models import Generation, Image, State, User
from soundscapes.models.generations import DEFAULT_DURATION, DEFAULT_LAYERS, MAX_SEED, Mode

LOST = "The audio file was lost on the server. Retry to render it again from the same image."
CANCELLED = "You cancelled this soundscape. You can start it again."


def create_generation(
    user: User,
    image: Image,
    *,
    duration: int = DEFAULT_DURATION,
    layer_count: int = DEFAULT_LAYERS,
    seed: int | None = None,
    mode: str = Mode.CALM,
) -> Generation:
    """Request a soundscape, with a random seed by default. Raise LimitError."""
    generation = Generation(
        owner=user,
        image=image,
        duration=duration,
        layer_count=layer_count,
        mode=mode,
        size=storage.expected_size(duration),
        seed=new_seed() if seed is None else seed,
    )
    with transaction.atomic():
        admit(user, Kind.GENERATE, size=generation.size, duration=duration)
        return queue_generation(generation)


def create_of_photo(user: User, data: bytes, title: str = "", **options: Any) -> Generation:
    """Store an image and request its soundscape, both or neither.

    Raise PhotoError for an unusable file, LimitError if a limit is reached.
    """
    options = {"duration": DEFAULT_DURATION, "layer_count": DEFAULT_LAYERS} | options
    size = storage.expected_size(options["duration"])
    charged = (Kind.UPLOAD, Kind.GENERATE)
    admit(user, *charged, size=size + len(data), duration=options["duration"])
    since = timezone.now()
    image = images.keep_photo(user, data, title)
    seed = {"seed": new_seed()} | options
    try:
        with transaction.atomic():
            admit(user, size=size)
            return queue_generation(
                Generation(owner=user, image=image, size=size, **options | seed)
            )
    except LimitError:
        images.delete_unused(image, since)
        raise


def queue_generation(generation: Generation) -> Generation:
    """Enqueue an admitted soundscape and the matching that it depends on."""
    with transaction.atomic():
        generation.save(force_insert=True)
        matching.request_matching(generation.image)
        queue.enqueue(generation)
    generation.refresh_from_db()
    return generation


def new_seed() -> int:
    return secrets.randbelow(MAX_SEED)


def repeatable_seed(image: Image) -> int:
    """Return a seed that depends only on the image."""
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
    """Return the image's soundscape with these options and the encoder in use, except copies."""
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
    """Return an image's soundscape, or request it; retry a failed or cancelled one.

    Used by the API. Raise LimitError if new work exceeds a limit.
    """
    options |= {"seed": repeatable_seed(image) if seed is None else seed}
    with transaction.atomic():
        User.lock(pk=user.pk)  # concurrent calls create one soundscape
        existing = find_generation(user, image, **options)
        if existing is None:
            return create_generation(user, image, **options)
    retry_generation(existing)
    return existing


def retry_generation(generation: Generation) -> None:
    """Retry a failed or cancelled soundscape as a new request. Raise LimitError.

    Soundscapes in other states are left alone.
    """
    with suppress(queue.WrongStateError):
        queue.retry(generation)


def admit_retry(generation: Generation) -> None:
    size = storage.expected_size(generation.duration)
    admit(generation.owner, Kind.GENERATE, size=size, duration=generation.duration)


def restart_generation(generation: Generation) -> None:
    """Retry a failed or cancelled soundscape without charging a quota. Raise BacklogError.

    Soundscapes in other states are left alone.
    """
    with transaction.atomic(), suppress(queue.WrongStateError):
        admit(generation.owner)
        queue.retry(generation, admitted=True)


def fail_lost(generation: Generation) -> None:
    """Mark a finished soundscape whose audio was lost as failed, so that it can be retried."""
    ready = Generation.objects.finished().filter(pk=generation.pk, audio=generation.audio.name)
    with transaction.atomic():
        nothing = {"audio": "", "audio_checksum": ""}
        if ready.update(state=State.FAILED, stage="Failed", error=LOST, **nothing):
            generation.layers.update(stem="")
            generation.renditions.all().delete()


def forget_layers(generation: Generation, names: Collection[str]) -> None:
    """Remove lost files of layers from their rows."""
    generation.layers.filter(stem__in=names).update(stem="")


def cancel_generation(generation: Generation, words: str = CANCELLED) -> None:
    """Cancel a soundscape. Its worker stops at its next progress report."""
    with suppress(queue.WrongStateError):
        queue.cancel(generation, words)
