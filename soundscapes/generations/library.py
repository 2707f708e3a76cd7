"""A user's library: titles, favourites, deletion and restoring of soundscapes."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from soundscapes.files import batches
from soundscapes.limits import storage
from soundscapes.limits.errors import LimitError
from soundscapes.models import Generation, Image, User


class NoRoomError(LimitError):
    def __init__(self, missing: int) -> None:
        super().__init__(
            f"Nothing was restored, because that needs {storage.in_words(missing)} more storage "
            "than you have left. Delete other soundscapes, then choose Undo again, within ten "
            "minutes of the deletion."
        )


def rename(generation: Generation, name: str) -> None:
    """Set the name. An empty one restores the title made of the categories."""
    generation.name = " ".join(name.split())
    Generation.objects.filter(pk=generation.pk).update(name=generation.name)


def set_favourite(generation: Generation, is_favourite: bool) -> None:
    generation.is_favourite = is_favourite
    Generation.objects.filter(pk=generation.pk).update(is_favourite=is_favourite)


def delete(user: User, keys: Collection[UUID]) -> datetime | None:
    """Delete the user's soundscapes. Return the time to pass to `restore`, or None if none exist.

    Unfinished ones are cancelled. Files are removed once restoring is no longer possible.
    """
    now = timezone.now()
    with transaction.atomic():
        mine = Generation.objects.owned_by(user).filter(pk__in=keys)
        for key in mine.unfinished().values_list("pk", flat=True):
            Generation.objects.cancel(key, "You deleted this soundscape before it was finished.")
        return now if mine.update(deleted_at=now) else None


def restore(user: User, deleted_at: datetime) -> int:
    """Restore the soundscapes that were deleted at that time. Return their number.

    Raises NoRoomError, having restored nothing, if they exceed the user's storage.
    """
    with transaction.atomic():
        User.lock(pk=user.pk)
        deleted = Generation.objects.deleted_by(user).filter(deleted_at=deleted_at)
        size = deleted.using_storage().aggregate(total=Sum("size"))["total"]
        usage = storage.usage(user)
        if size and usage.used + size > usage.limit:
            raise NoRoomError(usage.used + size - usage.limit)
        return deleted.update(deleted_at=None)


def purge() -> int:
    """Remove soundscapes that can no longer be restored, with their files. Return their number.

    An uploaded image is removed with its last soundscape, unless it was uploaded again since.
    Images of sets stay.
    """
    purged = 0
    for keys in batches.keys(Generation.objects.gone()):
        with transaction.atomic():
            gone = Generation.objects.gone().filter(pk__in=keys)
            uploads = gone.filter(image__owner__isnull=False)
            deleted_at = dict(uploads.order_by("deleted_at").values_list("image", "deleted_at"))
            _total, rows = gone.delete()
            _purge_images(deleted_at)
        purged += rows.get("soundscapes.Generation", 0)
    return purged


def _purge_images(deleted_at: Mapping[UUID, datetime | None]) -> None:
    """Delete images without soundscapes, unless uploaded again since the given deletion."""
    # Lock first, so that concurrent uploads and requests for soundscapes of these images wait.
    locked = Image.objects.filter(pk__in=deleted_at).order_by("pk").select_for_update()
    unwanted = [
        image.pk
        for image in locked
        if (deleted := deleted_at[image.pk]) is not None
        and (image.uploaded_again_at is None or image.uploaded_again_at < deleted)
    ]
    Image.objects.filter(pk__in=unwanted, generations=None).delete()
