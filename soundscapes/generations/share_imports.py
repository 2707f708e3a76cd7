"""Copies of shared soundscapes.

The request writes the rows. The worker copies the files, which may be large.
"""

from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from soundscapes.engine.errors import EngineError
from soundscapes.images import images
from soundscapes.jobs import queue
from soundscapes.jobs.claims import Claim, deleting_on_failure
from soundscapes.limits import storage
from soundscapes.limits.admission import admit
from soundscapes.limits.errors import LimitError
from soundscapes.limits.quotas import Kind
from soundscapes.models import Generation, Image, Layer, ShareLink, State, User

STAGE = "Copying the audio"
NOT_TOLD = "From a shared soundscape whose image was not shared."
KEPT = (
    "duration",
    "seed",
    "layer_count",
    "mode",
    "layer_choices",
    "encoder",
    "encoder_name",
    "audio_checksum",
    "loudness",
    "true_peak",
    "gain_db",
    "peaks",
)
KEPT_OF_LAYERS = ("category", "rank", "score", "position", "y", "extent", "kind", "gain_db")


class CopyError(EngineError):
    """A copy that is no longer possible."""


def save_copy(user: User, link: ShareLink) -> Generation:
    """Return the user's copy of a live link's soundscape, which the worker completes.

    If the link hides the image, the copy gets a waveform instead, and no reasons for layers,
    because they describe the image. Owners get their own soundscape. Raise LimitError.
    """
    original = link.generation
    if original.owner_id == user.pk:
        return original
    if (known := _copy_of(user, original)) is not None:
        return known
    size = storage.expected_size(original.duration)
    admit(user, Kind.GENERATE, size=size)
    since = timezone.now()
    image = images.copy_image(user, original.image) if link.shows_picture else _drawing(user, link)
    try:
        with transaction.atomic():
            User.lock(pk=user.pk)  # concurrent requests create one copy
            if (known := _copy_of(user, original)) is not None:
                return known
            admit(user, size=size)
            return _create(user, link, image, size)
    except LimitError:
        images.delete_unused(image, since)
        raise


def _copy_of(user: User, original: Generation) -> Generation | None:
    return Generation.objects.owned_by(user).copies_of(original).first()


def _drawing(user: User, link: ShareLink) -> Image:
    original = link.generation
    return images.draw_waveform(user, original.peaks, f"Waveform of “{link.title}”")


def _create(user: User, link: ShareLink, image: Image, size: int) -> Generation:
    original = link.generation
    copy = Generation.objects.create(
        owner=user,
        image=image,
        copied_from=link,
        origin=link.title,
        name=original.name,
        plan=_plan(link),
        size=size,
        **{name: getattr(original, name) for name in KEPT},
    )
    Layer.objects.bulk_create(
        Layer(
            generation=copy,
            reason=layer.reason if link.shows_picture else NOT_TOLD,
            **{name: getattr(layer, name) for name in KEPT_OF_LAYERS},
        )
        for layer in original.layers.all()
    )
    queue.enqueue(copy)
    copy.refresh_from_db()
    return copy


def _plan(link: ShareLink) -> dict[str, Any]:
    plan: dict[str, Any] = link.generation.plan or {}
    if link.shows_picture or "layers" not in plan:
        return plan
    return plan | {"layers": [layer | {"reason": NOT_TOLD} for layer in plan["layers"]]}


def copy_sound(claim: Claim, copy: Generation) -> None:
    link = ShareLink.objects.live().for_list().filter(copies=copy).first()
    if link is None:
        raise CopyError("The soundscape is no longer shared. Ask for a new link.")
    claim.report(State.RENDERING, STAGE, 40)
    original = link.generation.audio
    with deleting_on_failure([copy.audio]):
        if original:
            with original.open("rb") as file:
                copy.audio.save(str(original).rpartition("/")[2], File(file), save=False)
        claim.finish(audio=copy.audio.name, size=copy.audio.size if copy.audio else 0)
