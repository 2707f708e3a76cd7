"""Metrics page: rankings of the categories, and the state of the service."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from soundscapes.images import matching
from soundscapes.operations import metrics
from soundscapes.operations.metrics import SORTABLE, SetMetrics

USERS_KEY = "users"
HEADINGS = {
    "category": "Category",
    "images": "Images",
    "average": "Average score",
    "first": "First",
    "second": "Second",
    "third": "Third",
}
BAR, ROW, LEFT, WIDTH = 520, 20, 150, 760


@dataclass(frozen=True, slots=True)
class Query:
    """The set, encoder and order to show. Unknown values fall back to defaults."""

    key: str
    encoder: str
    sort: str

    @classmethod
    def of(cls, request: HttpRequest) -> Query:
        sort = request.GET.get("sort", "")
        return cls(
            key=request.GET.get("set", ""),
            encoder=request.GET.get("encoder") or matching.current_encoder().slug,
            sort=sort if sort.removeprefix("-") in SORTABLE else "-first",
        )

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    def address(self, **changed: str) -> str:
        values = {"set": self.key, "encoder": self.encoder, "sort": self.sort} | changed
        return urlencode(values)

    def choose(self, sets: list[SetMetrics]) -> SetMetrics:
        """Return the wanted set, else the first one whose images have been matched."""
        wanted = [each for each in sets if key_of(each) == self.key]
        chosen = next(iter([*wanted, *(each for each in sets if each.rows), *sets]))
        return chosen.sorted_by(self.column, self.is_descending)


def key_of(shown: SetMetrics) -> str:
    return USERS_KEY if shown.key is None else str(shown.key)


# Curators may see averages over users' images, because they reveal no single image.
for_curators = permission_required("soundscapes.view_category", raise_exception=True)


@require_safe
@for_curators
def page(request: HttpRequest) -> HttpResponse:
    query = Query.of(request)
    sets = metrics.by_set(query.encoder)
    shown = query.choose(sets)
    context = {
        **admin.site.each_context(request),
        "title": "Metrics",
        "shown": shown,
        "query": query.address(set=key_of(shown)),
        "sets": [(each, key_of(each), query.address(set=key_of(each))) for each in sets],
        "encoders": [
            (name, slug == query.encoder, query.address(encoder=slug))
            for slug, name in metrics.encoders()
        ],
        "headings": _headings(query),
        "days": metrics.generations_per_day(),
        "times": metrics.stage_times(),
        "health": metrics.health(),
    }
    return TemplateResponse(request, "admin/metrics.html", context)


def _headings(query: Query) -> list[dict[str, str]]:
    found = []
    for column, label in HEADINGS.items():
        is_shown = column == query.column
        turned = column if (is_shown and query.is_descending) else f"-{column}"
        order = ("descending" if query.is_descending else "ascending") if is_shown else "none"
        found.append({"label": label, "order": order, "query": query.address(sort=turned)})
    return found


@require_safe
@for_curators
def table(request: HttpRequest) -> HttpResponse:
    query = Query.of(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="metrics.csv"'
    writer = csv.writer(response)
    writer.writerow(["set", "category", "slug", *SORTABLE[1:], "encoder"])
    for each in metrics.by_set(query.encoder):
        for row in each.sorted_by(query.column, query.is_descending).rows:
            figures = [getattr(row, name) for name in SORTABLE[1:]]
            names = [_plain(name) for name in (each.name, row.category, row.slug)]
            writer.writerow([*names, *figures, query.encoder])
    return response


def _plain(text: str) -> str:
    """Escape a name that spreadsheets would execute as a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


@require_safe
@for_curators
def image(request: HttpRequest) -> HttpResponse:
    """Return one set's metrics as an SVG bar chart of how often each category ranked 1 to 3."""
    query = Query.of(request)
    shown = query.choose(metrics.by_set(query.encoder))
    context = {"shown": shown, "bars": _bars(shown), "width": WIDTH, "left": LEFT}
    context["height"] = ROW * len(shown.rows) + 40
    return render(request, "admin/metrics.svg", context, content_type="image/svg+xml")


def _bars(shown: SetMetrics) -> list[dict[str, Any]]:
    most = max((row.first + row.second + row.third for row in shown.rows), default=0) or 1
    bars = []
    for number, row in enumerate(shown.rows):
        x, pieces = float(LEFT), []
        for name in ("first", "second", "third"):
            wide = round(BAR * getattr(row, name) / most, 1)
            pieces.append({"name": name, "x": x, "width": wide})
            x += wide
        top = 30 + ROW * number
        bars.append({"row": row, "top": top, "base": top + 11, "pieces": pieces, "end": x + 6})
    return bars


urlpatterns = [
    path("", admin.site.admin_view(page), name="metrics"),
    path("metrics.csv", admin.site.admin_view(table), name="metrics_csv"),
    path("metrics.svg", admin.site.admin_view(image), name="metrics_svg"),
]
