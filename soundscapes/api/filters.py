"""Filters and sort orders of lists."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

import django_filters as filters
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from soundscapes.engine.matching.vectors import Vectors
from soundscapes.generations import search
from soundscapes.http.access import signed_in_user
from soundscapes.http.waiting import wait_until
from soundscapes.jobs import heartbeat
from soundscapes.models import Clip, Image, State
from soundscapes.models.categories import KINDS
from soundscapes.models.generations import GenerationQuerySet, Mode
from soundscapes.models.search_queries import MAX_TEXT, validate_words


def search_filter() -> filters.CharFilter:
    return filters.CharFilter(
        method="search", max_length=MAX_TEXT, label="Words to find in titles and categories."
    )


def _without_ties(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by(*(rows.query.order_by or rows.model._meta.ordering), "pk")


class FilterBackend(DjangoFilterBackend):
    """Skip the form without filters, because building it takes as long as reading the rows."""

    def filter_queryset(self, request: HttpRequest, queryset: QuerySet[Any], view: Any) -> Any:
        if request.GET.keys() & view.filterset_class.base_filters.keys():
            return super().filter_queryset(request, queryset, view)
        return _without_ties(queryset)


class ListFilter(filters.FilterSet):
    """A text search, and an order without ties, which keeps pages stable."""

    @property
    def form(self) -> Any:
        """Let errors of choices list what is allowed."""
        form = super().form
        for field in form.fields.values():
            allowed = ", ".join(value for value, _label in getattr(field, "choices", ()) if value)
            if allowed:
                field.error_messages["invalid_choice"] = f"“%(value)s” is not one of {allowed}."
        return form

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return _without_ties(super().filter_queryset(queryset))

    def search(self, rows: Any, _name: str, words: str) -> QuerySet[Any]:
        found: QuerySet[Any] = rows.search(words)
        return found


class UtcField(IsoDateTimeField):
    """Convert times to UTC: PostgreSQL rejects offsets of more than sixteen hours."""

    default_error_messages = {"invalid": "Enter a date and time such as 2026-11-29T10:00:00Z."}

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        if moment is None:
            return None
        try:
            return moment.astimezone(UTC)
        except OverflowError:  # on datetime's first or last day
            return moment.replace(tzinfo=UTC)


class MomentFilter(filters.IsoDateTimeFilter):
    field_class = UtcField


class CreatedFilter(ListFilter):
    created_after = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt")


class ImageFilter(CreatedFilter):
    q = search_filter()
    state = filters.ChoiceFilter(choices=State.choices)
    image_set = filters.UUIDFilter(field_name="image_set__public_id")
    origin = filters.ChoiceFilter(
        choices=[("own", "Uploaded by you"), ("set", "From an image set")], method="of_origin"
    )
    ordering = filters.OrderingFilter(fields=["created_at", "title"])

    def of_origin(self, rows: QuerySet[Image], _name: str, origin: str) -> QuerySet[Image]:
        return rows.filter(image_set__isnull=origin == "own")


class GenerationFilter(CreatedFilter):
    q = filters.CharFilter(
        method="search",
        max_length=MAX_TEXT,
        validators=[validate_words],
        label="Search text. Soundscapes with these words in the title or categories come first, "
        "then the closest in meaning. A worker encodes new text; the response waits two seconds "
        "for it. The header `Search-Covers` reports whether the search covered the meaning.",
    )
    state = filters.ChoiceFilter(choices=State.choices)
    image = filters.UUIDFilter(field_name="image_id")
    mode = filters.ChoiceFilter(choices=Mode.choices)
    category = filters.CharFilter(field_name="layers__category__slug", max_length=50)
    ordering = filters.OrderingFilter(fields=["created_at", "finished_at", "duration"])

    def search(self, rows: GenerationQuerySet, _name: str, words: str) -> GenerationQuerySet:
        request = cast(Request, self.request)
        # A search may enqueue work for a worker, which HEAD must not.
        vector = None if request.method == "HEAD" else _vector(words)
        request.covers_meaning = vector is not None  # type: ignore[attr-defined]
        return search.narrow(rows, signed_in_user(request), words, vector)


def _vector(words: str) -> Vectors | None:
    """Return the vector of a search text. If a worker is running, wait for it briefly."""
    vector = search.query_vector(words)
    if vector is None and heartbeat.is_worker_up():
        is_known = partial(search.is_known, words)
        if wait_until(is_known, settings.SEARCH_WAIT_SECONDS):
            vector = search.query_vector(words)
    return vector


class ImageSetFilter(ListFilter):
    q = search_filter()
    ordering = filters.OrderingFilter(fields=["name"])


class CategoryFilter(ListFilter):
    q = search_filter()
    kind = filters.ChoiceFilter(choices=KINDS)
    group = filters.CharFilter(max_length=40)
    ordering = filters.OrderingFilter(fields=["label", "slug", "group"])


class ClipFilter(CreatedFilter):
    q = search_filter()
    category = filters.CharFilter(field_name="category__slug", max_length=50)
    source = filters.ChoiceFilter(choices=Clip.Source.choices)
    ordering = filters.OrderingFilter(fields=["title", "duration", "created_at"])
