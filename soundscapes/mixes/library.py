"""A user's library: titles, favourites, deletion and restoring."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from soundscapes.models import Generation, Image, User


def rename(generation: Generation, name: str) -> None:
    """Set the name; an empty one names it after its sounds again."""
    generation.name = " ".join(name.split())
    Generation.objects.filter(pk=generation.pk).update(name=generation.name)


def set_favourite(generation: Generation, is_favourite: bool) -> None:
    generation.is_favourite = is_favourite
    Generation.objects.filter(pk=generation.pk).update(is_favourite=is_favourite)


def delete(user: User, keys: Collection[UUID]) -> datetime | None:
    """Delete the user's soundscapes; return the time that `restore` takes, or None if there were
    none.

    Unfinished ones are cancelled. Files go once restoring is no longer possible.
    """
    now = timezone.now()
    with transaction.atomic():
        mine = Generation.objects.owned_by(user).filter(pk__in=keys)
        for key in mine.unfinished().values_list("pk", flat=True):
            Generation.objects.cancel(key, "You deleted this while it was being made.")
        return now if mine.update(deleted_at=now) else None


def restore(user: User, deleted_at: datetime) -> int:
    """Restore what was deleted at that moment; return how many."""
    return Generation.objects.deleted_by(user).filter(deleted_at=deleted_at).update(deleted_at=None)


def purge() -> int:
    """Remove what can no longer be restored, with its files; return how many.

    An uploaded picture goes with its last soundscape; those of sets stay.
    """
    with transaction.atomic():
        gone = Generation.objects.gone()
        pictures = set(gone.filter(image__owner__isnull=False).values_list("image", flat=True))
        _total, rows = gone.delete()
        Image.objects.filter(pk__in=pictures, generations=None).delete()
    return rows.get("soundscapes.Generation", 0)
