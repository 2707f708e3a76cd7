"""Changes to categories."""

from collections.abc import Sequence

from django.db.models import QuerySet

from soundscapes.models import Category
from soundscapes.sounds import catalogue


def describe(category: Category, prompts: Sequence[str]) -> None:
    category.prompts = list(prompts)
    catalogue.edit_category(category, {"prompts"})


def play(chosen: QuerySet[Category], sources: Category.Sources) -> list[Category]:
    """Set which clips the categories use. Return the categories."""
    rows = list(chosen)
    Category.objects.filter(pk__in=[row.pk for row in rows]).update(sources=sources)
    return rows
