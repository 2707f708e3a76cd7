"""Rankings that follow the categories on offer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Exists, OuterRef

from soundscapes.models import Category, Image, Similarity, State


@contextmanager
def followed() -> Iterator[None]:
    """Rank images again on the next request if a change adds a category or takes one away.

    Soundscapes are ranked when they are made, and finished ones stay as they are.
    """
    before = _offered()
    yield
    if _offered() != before:
        Image.objects.rank_again()


def follow_installation() -> None:
    """Rank images again if an upgrade or a setting has changed which categories are on offer."""
    current = Similarity.objects.filter(category=OuterRef("pk"), image__state=State.READY)
    ranked = Category.objects.filter(Exists(current)).values_list("pk", flat=True)
    if set(ranked) != _offered():
        Image.objects.rank_again()


def _offered() -> set[int]:
    return set(Category.objects.offered().values_list("pk", flat=True))
