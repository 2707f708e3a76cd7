"""Recordings of users, which only their own soundscapes use."""

from threading import BoundedSemaphore
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from django.db import transaction

from soundscapes.engine.catalogue import Kind
from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.clips import OWN
from soundscapes.limits import quotas
from soundscapes.limits.admission import admit
from soundscapes.limits.errors import LimitError
from soundscapes.models import Category, Clip, Generation, User
from soundscapes.sounds import clips

LICENCE = "Own recording"
GROUP = "Own recordings"
LASTING = 10.0
"""Seconds from which on a recording without a category runs throughout; others come and go."""


_READING = BoundedSemaphore(2)


class BusyError(LimitError):
    """Other recordings are being read."""

    status = 503
    retry_after = 10

    def __init__(self) -> None:
        super().__init__("Other recordings are being read. Try again in a few seconds.")


class OwnRecordingError(EngineError):
    """A recording that cannot be added, with what to do."""


def add_recording(
    user: User,
    upload: BinaryIO,
    *,
    title: str,
    category: Category | None,
    is_preferred: bool = False,
) -> Clip:
    """Decode and store an upload. Raise ClipError, OwnRecordingError or LimitError.

    Without a category, it is a layer by itself.
    """
    _check_count(user)
    admit(user, quotas.Kind.UPLOAD)
    recording = _read(upload)
    clip = Clip(
        owner=user,
        title=title,
        author=user.username,
        licence=LICENCE,
        is_preferred=is_preferred and category is not None,
    )
    clips.describe(clip, recording)
    wav = File(recording.wav)
    clip.size = wav.size

    def check() -> None:
        admit(user, size=clip.size)  # locks the account
        _check_count(user)
        if Clip.objects.owned_by(user).filter(checksum=clip.checksum).exists():
            raise OwnRecordingError("You have this recording already.")
        clip.category = category or _private_category(clip)

    return clips.store(clip, wav, check)


def _read(upload: BinaryIO) -> clips.Recording:
    """Read an upload, while few others are read: each holds a thread of the web server."""
    if not _READING.acquire(blocking=False):
        raise BusyError
    try:
        return clips.read_recording(upload, is_apart=True)
    finally:
        _READING.release()


def edit_recording(clip: Clip, *, title: str, category: Category | None) -> None:
    """Rename a recording or move it to another category. Soundscapes that contain it stay."""
    clip.title = title
    with transaction.atomic():
        moved = category or _private_category(clip)
        clip.is_preferred = clip.is_preferred and clip.category_id == moved.pk
        clip.category = moved
        clip.save(update_fields=["title", "category", "is_preferred"])
        delete_abandoned()


def prefer(clip: Clip, is_preferred: bool) -> None:
    """Choose whether its owner's new soundscapes always use it for its category."""
    Clip.objects.filter(pk=clip.pk).update(is_preferred=is_preferred)


def delete_recording(clip: Clip) -> bool:
    """Delete a recording. Return False if soundscapes need it: it is only switched off then."""
    mentioning, checksums = Generation.objects.mentioning(clip), [clip.checksum]
    is_needed = mentioning.named_clips(checksums)  # read before others have to wait
    with transaction.atomic():
        if is_needed or mentioning.filter(owner=clip.owner_id).named_clips(checksums):
            Clip.objects.filter(pk=clip.pk).update(is_enabled=False, is_preferred=False)
            return False
        clip.delete()
        delete_abandoned()
    return True


def delete_abandoned() -> None:
    """Delete the private categories of recordings that are gone, unless soundscapes name them."""
    Category.everything.abandoned().delete()


def titles_in(generation: Generation) -> list[str]:
    """Return the titles of the recordings of users that a soundscape contains or may go on with."""
    credits_of_all = (*generation.credits, *generation.later_credits)
    checksums = [credit.get("clip", "") for credit in credits_of_all]
    named = Clip.objects.filter(owner__isnull=False, checksum__in=checksums)
    return list(named.order_by("title").values_list("title", flat=True).distinct())


def _private_category(clip: Clip) -> Category:
    kind = Kind.BED if clip.duration >= LASTING else Kind.OCCASIONAL
    category, _ = Category.everything.update_or_create(
        slug=f"{OWN}{clip.pk.hex}",
        defaults={
            "label": clip.title[:60],
            "group": GROUP,
            "kind": kind.value,
            "prompts": [],
            "is_private": True,
        },
    )
    return category


def _check_count(user: User) -> None:
    if Clip.objects.owned_by(user).count() >= settings.OWN_RECORDINGS:
        most = settings.OWN_RECORDINGS
        raise OwnRecordingError(f"You have {most} recordings, the maximum. Delete one first.")
