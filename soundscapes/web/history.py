"""History page: paging, filters and search, all in the URL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_htmx.http import replace_url

from soundscapes.generations import search
from soundscapes.generations.ordering import NEWEST, ORDERS, Order
from soundscapes.http.access import HtmxRequest, signed_in_user
from soundscapes.jobs import heartbeat
from soundscapes.models import Category, Generation, State, User
from soundscapes.models.generations import GenerationQuerySet
from soundscapes.web.forms import HistoryForm
from soundscapes.web.library import DELETED_AT, REFUSED_AT, moment, uuid_of

PAGE_SIZE = 24
MAX_PAGES = 20  # that a reload or the back button shows at once
MAX_FOUND = 60  # a search shows only the best matches
PATIENCE = 60  # how often a page polls for the worker's answer, every half second


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0


READERS: dict[type, Callable[[str], Any]] = {datetime: moment, int: _number, str: str}
"""Parsers of places in an order, by their type."""


@dataclass
class Found:
    """History results; `meaning` is "" without a search, "waiting", "done" or "unavailable"."""

    generations: list[Generation]
    cursor: str = ""
    meaning: str = ""
    refused: str = ""


@login_required
@require_safe
def history(request: HtmxRequest) -> HttpResponse:
    user, form = signed_in_user(request), HistoryForm(request.GET)
    filters = form.filters()
    if request.method == "HEAD":
        filters.pop("q", None)  # a search would enqueue work for the worker
    tries = _number(request.GET.get("tries", ""))
    if "q" in form.errors:
        found = Found([], refused=str(form.errors["q"][0]))
    elif "q" in filters:
        found = _search(user, filters, tries)
    else:
        found = _browse(request, user, filters)
    context = {
        "found": found,
        "form": form,
        "filters": filters,
        "query": address(filters),
        "tries": tries + 1,
        "pages": _pages(request.GET) + 1,
    }
    target = request.htmx.target if request.htmx else None
    if target == "found":
        return render(request, "partials/found.html", context)
    if target == "more":
        response = render(request, "partials/cards.html", context)
        return replace_url(response, f"?{address(filters | {'pages': _pages(request.GET)})}")
    context |= {"categories": Category.objects.all()} | _undo(user, request)
    return render(request, "soundscapes/history.html", context)


def _undo(user: User, request: HtmxRequest) -> dict[str, Any]:
    """Offer once to restore what was deleted, and again what had no room."""
    if request.method == "HEAD":
        return {}
    texts = (request.session.get(REFUSED_AT, ""), request.session.pop(DELETED_AT, ""))
    gone = Generation.objects.deleted_by(user)
    times = [deleted_at for text in texts if text and (deleted_at := moment(text))]
    return {"undos": [(gone.filter(deleted_at=at).count(), at) for at in times]}


def _pages(query: QueryDict) -> int:
    """Return how many pages are shown, of which htmx requests only the last."""
    return min(max(1, _number(query.get("pages", ""))), MAX_PAGES)


def address(filters: dict[str, Any]) -> str:
    values = {name: "on" if value is True else str(value) for name, value in filters.items()}
    return urlencode(values)


def listed(user: User, filters: dict[str, Any], most: int) -> list[Generation]:
    """Return the finished soundscapes that the history shows with these filters."""
    if "q" in filters:
        found = _search(user, filters, PATIENCE).generations
        return [each for each in found if each.state == State.READY]
    order = ORDERS[filters.get("sort", NEWEST)]
    return list(order.sort(_filtered(user, filters).finished()).for_list()[:most])


def _filtered(user: User, filters: dict[str, Any]) -> GenerationQuerySet:
    found = Generation.objects.owned_by(user).made_between(
        filters.get("since"), filters.get("until")
    )
    if "category" in filters:
        found = found.with_sound(filters["category"])
    return found.favourites() if "favourite" in filters else found


def _browse(request: HtmxRequest, user: User, filters: dict[str, Any]) -> Found:
    """Return the rows after the cursor in the query, one page or as many as the page showed."""
    order = ORDERS[filters.get("sort", NEWEST)]
    rows = order.sort(_filtered(user, filters)).for_list()
    if cursor := _cursor(request.GET.get("before", ""), order):
        rows = order.after(rows, *cursor)
    size = PAGE_SIZE * (1 if request.htmx.target == "more" else _pages(request.GET))
    shown = list(rows[: size + 1])
    if len(shown) <= size:
        return Found(shown)
    return Found(shown[:size], cursor=_cursor_of(shown[size - 1]))


def _cursor_of(row: Any) -> str:
    place = row.place.isoformat() if isinstance(row.place, datetime) else row.place
    return f"{place}_{row.pk}"


def _cursor(text: str, order: Order) -> tuple[Any, UUID] | None:
    """Return a row's place in the order and its primary key, or None for an invalid cursor."""
    place, _, key = text.rpartition("_")
    value, pk = READERS[order.kind](place), uuid_of(key)
    return (value, pk) if value is not None and pk else None


def _search(user: User, filters: dict[str, Any], tries: int) -> Found:
    mine = _filtered(user, filters).for_list()
    vector = search.query_vector(filters["q"])
    found = list(search.narrow(mine, user, filters["q"], vector)[:MAX_FOUND])
    if "sort" in filters:
        best = mine.filter(pk__in=[row.pk for row in found])
        found = list(ORDERS[filters["sort"]].sort(best))
    if vector is not None:
        return Found(found, meaning="done")
    is_hopeful = tries < PATIENCE and heartbeat.is_worker_up()
    return Found(found, meaning="waiting" if is_hopeful else "unavailable")
