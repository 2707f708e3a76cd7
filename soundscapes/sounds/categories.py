"""Changes to categories."""

from collections.abc import Collection, Iterator, Sequence

from django.db import transaction
from django.db.models import QuerySet

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.clips import OWN
from soundscapes.models import Category, Generation
from soundscapes.sounds import catalogue, offers


class CategoryError(EngineError):
    """An impossible change, with what to do instead."""


def add_category(category: Category) -> None:
    """Store a new category, which takes part in matching as soon as it has a clip."""
    if category.slug.startswith(OWN):
        raise CategoryError(f"“{OWN}” begins the names of recordings. Choose another slug.")
    if Category.objects.filter(slug=category.slug).exists():
        raise CategoryError(f"There is already a category “{category.slug}”. Choose another slug.")
    catalogue.edit_category(category, {"prompts"})


def delete_category(category: Category) -> None:
    """Delete a category with its clips. Raise CategoryError if something needs it."""
    with transaction.atomic(), offers.followed():
        for reason in obstacles([category]):
            raise CategoryError(reason)
        category.delete()


def obstacles(chosen: Collection[Category]) -> Iterator[str]:
    """Yield why categories cannot be deleted."""
    private = set(
        Category.objects.filter(clips__owner__isnull=False).values_list("slug", flat=True)
    )
    named = _named({category.slug for category in chosen if not category.is_shipped})
    for category in chosen:
        if category.is_shipped:
            yield f"{category}, which is shipped. Disable it instead."
        elif category.slug in named:
            yield f"{category}, which soundscapes use. Disable it instead."
        elif category.slug in private:
            yield f"{category}, which contains users' recordings. Disable it instead."


def _named(slugs: Collection[str]) -> set[str]:
    """Return the categories that soundscapes name, or one of whose clips they name."""
    clips = dict(
        Category.objects.filter(slug__in=slugs, clips__isnull=False).values_list(
            "clips__checksum", "slug"
        )
    )
    by_clip = {clips[checksum] for checksum in Generation.objects.named_clips(clips.keys())}
    return by_clip | Generation.objects.named_categories(slugs)


def describe(category: Category, prompts: Sequence[str]) -> None:
    category.prompts = list(prompts)
    catalogue.edit_category(category, {"prompts"})


def play(chosen: QuerySet[Category], sources: Category.Sources) -> list[Category]:
    """Set which clips the categories use. Return the categories."""
    rows = list(chosen)
    with offers.followed():
        Category.objects.filter(pk__in=[row.pk for row in rows]).update(sources=sources)
    return rows
