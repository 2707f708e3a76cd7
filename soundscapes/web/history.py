"""History page: paging, filters and search, all in the URL."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from soundscapes.generations import search
from soundscapes.http.access import HtmxRequest, signed_in_user
from soundscapes.jobs import heartbeat
from soundscapes.models import Category, Generation, User
from soundscapes.models.generations import GenerationQuerySet
from soundscapes.web.forms import HistoryForm
from soundscapes.web.library import moment, uuid_of

PAGE_SIZE = 24
MAX_FOUND = 60  # a search shows only the best matches
PATIENCE = 60  # how often a page polls for the worker's answer, every half second


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
        found = _browse(user, filters, request.GET)
    context = {
        "found": found,
        "form": form,
        "filters": filters,
        "query": _address(filters),
        "tries": tries + 1,
    }
    if request.htmx and request.htmx.target in ("found", "more"):
        part = "cards" if request.htmx.target == "more" else "found"
        return render(request, f"partials/{part}.html", context)
    return render(request, "soundscapes/history.html", context | _notices(user, request.GET))


def _notices(user: User, query: QueryDict) -> dict[str, Any]:
    deleted_at = moment(query.get("deleted", ""))
    gone = Generation.objects.deleted_by(user).filter(deleted_at=deleted_at).count()
    return {
        "categories": Category.objects.all(),
        "deleted": gone if deleted_at else 0,
        "deleted_at": deleted_at,
    }


def _address(filters: dict[str, Any]) -> str:
    values = {name: "on" if value is True else str(value) for name, value in filters.items()}
    return urlencode(values)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def _filtered(user: User, filters: dict[str, Any]) -> GenerationQuerySet:
    found = Generation.objects.owned_by(user).made_between(
        filters.get("since"), filters.get("until")
    )
    if "category" in filters:
        found = found.with_sound(filters["category"])
    return found.favourites() if "favourite" in filters else found


def _browse(user: User, filters: dict[str, Any], query: QueryDict) -> Found:
    """Return a page, newest first, that starts after the cursor in `query`."""
    found = _filtered(user, filters).newest_first().for_list()
    made, _, key = query.get("before", "").partition("_")
    if (created_at := moment(made)) and (pk := uuid_of(key)):
        found = found.older_than(created_at, pk)
    shown = list(found[: PAGE_SIZE + 1])
    if len(shown) <= PAGE_SIZE:
        return Found(shown)
    last = shown[PAGE_SIZE - 1]
    return Found(shown[:PAGE_SIZE], cursor=f"{last.created_at.isoformat()}_{last.pk}")


def _search(user: User, filters: dict[str, Any], tries: int) -> Found:
    mine = _filtered(user, filters).for_list()
    vector = search.query_vector(filters["q"])
    found = list(search.narrow(mine, user, filters["q"], vector)[:MAX_FOUND])
    if vector is not None:
        return Found(found, meaning="done")
    is_hopeful = tries < PATIENCE and heartbeat.is_worker_up()
    return Found(found, meaning="waiting" if is_hopeful else "unavailable")
