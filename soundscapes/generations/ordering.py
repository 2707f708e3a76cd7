"""Orders of the history, with cursors: new soundscapes do not shift the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Lower

from soundscapes.models import Layer
from soundscapes.models.generations import MAX_LAYERS, GenerationQuerySet


def _layers() -> QuerySet[Layer]:
    return Layer.objects.filter(generation=OuterRef("pk")).order_by()


def _label(rank: int) -> Subquery:
    label = _layers().filter(rank=rank).values("category__label")
    return Subquery(label, output_field=CharField())


def _title() -> Combinable:
    """Return the title as `Generation.title` composes it, in lower case."""
    labels = [part for rank in range(1, MAX_LAYERS + 1) for part in (_label(rank), Value(", "))]
    title = Case(
        When(~Q(name=""), then="name"),
        When(Exists(_layers()), then=Concat(*labels, output_field=CharField())),
        default="image__title",
        output_field=CharField(),
    )
    return Lower(title)


@dataclass(frozen=True, slots=True)
class Order:
    """Rows by `key`, which has values of type `kind`; equal ones by primary key."""

    label: str
    kind: type
    key: Combinable
    is_descending: bool = False

    def sort(self, rows: GenerationQuerySet) -> GenerationQuerySet:
        """Sort rows and annotate them with their `place`."""
        sign = "-" if self.is_descending else ""
        return rows.annotate(place=self.key).order_by(f"{sign}place", f"{sign}pk")

    def after(self, rows: GenerationQuerySet, place: Any, pk: UUID) -> GenerationQuerySet:
        """Return the sorted rows that follow the one with this place and primary key."""
        side = "lt" if self.is_descending else "gt"
        same = Q(**{"place": place, f"pk__{side}": pk})
        return rows.filter(same | Q(**{f"place__{side}": place}), **{f"place__{side}e": place})


NEWEST = "newest"
ORDERS: Mapping[str, Order] = {
    NEWEST: Order("Newest", datetime, F("created_at"), is_descending=True),
    "oldest": Order("Oldest", datetime, F("created_at")),
    "longest": Order("Longest", int, F("duration"), is_descending=True),
    "title": Order("Title, A to Z", str, _title()),
}
