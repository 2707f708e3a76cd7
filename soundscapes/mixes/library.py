"""Keeping one's soundscapes in order: titles, favourites, deleting and having back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from soundscapes.models import Generation, Image, User


def rename(generation: Generation, name: str) -> None:
    """Call it `name`; without one it is called after its sounds again."""
    generation.name = " ".join(name.split())
    generation.save(update_fields=["name"])


def set_favourite(generation: Generation, is_favourite: bool) -> None:
    generation.is_favourite = is_favourite
    generation.save(update_fields=["is_favourite"])


def delete(user: User, keys: Collection[UUID]) -> datetime | None:
    """Delete one's own soundscapes; when, which is what `restore` asks for. None: there were none.

    What is being made is cancelled. The files go when they cannot be had back any more.
    """
    now = timezone.now()
    with transaction.atomic():
        mine = Generation.objects.owned_by(user).filter(pk__in=keys)
        for key in mine.unfinished().values_list("pk", flat=True):
            Generation.objects.cancel(key, "You deleted this while it was being made.")
        return now if mine.update(deleted_at=now) else None


def restore(user: User, deleted_at: datetime) -> int:
    """Have back what was deleted at that moment; how many."""
    return Generation.objects.deleted_by(user).filter(deleted_at=deleted_at).update(deleted_at=None)


def purge() -> int:
    """Remove what nobody can have back any more, with its files and its picture; how many.

    An uploaded picture goes with the last soundscape of it; those of sets stay.
    """
    with transaction.atomic():
        gone = Generation.objects.gone()
        pictures = set(gone.filter(image__owner__isnull=False).values_list("image", flat=True))
        _total, rows = gone.delete()
        Image.objects.filter(pk__in=pictures, generations=None).delete()
    return rows.get("soundscapes.Generation", 0)
