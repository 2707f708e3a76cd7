"""Renaming, favourites, deletion and restoring of soundscapes."""

from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import capfirst
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from soundscapes.generations import library
from soundscapes.http.access import HtmxRequest, back, generation_or_404, signed_in_user
from soundscapes.web.forms import TitleForm

DELETED_AT = "deleted_at"  # key of the last deletion in the session, until the history offers undo
REFUSED_AT = "refused_at"  # key of a deletion that could not be undone, which the history offers on


@login_required
@require_POST
def rename(request: HtmxRequest, pk: UUID) -> HttpResponse:
    generation = generation_or_404(signed_in_user(request), pk)
    form = TitleForm(request.POST)
    if form.is_valid():
        library.rename(generation, form.cleaned_data["name"])
        if not request.htmx:
            return redirect(back(request, generation.get_absolute_url()))
    context = {"generation": generation, "title_form": form, "as_card": "card" in request.POST}
    context["is_renamed"] = form.is_valid()
    status = 200 if form.is_valid() else 400
    response = render(request, "partials/title.html", context, status=status)
    if not form.is_valid():
        return response
    renamed = {"page": generation.get_absolute_url(), "title": capfirst(generation.title)}
    return trigger_client_event(response, "renamed", renamed)


@login_required
@require_POST
def favourite(request: HtmxRequest, pk: UUID) -> HttpResponse:
    generation = generation_or_404(signed_in_user(request), pk)
    library.set_favourite(generation, request.POST.get("favourite") == "on")
    if not request.htmx:
        return redirect(back(request, generation.get_absolute_url()))
    return render(request, "partials/favourite.html", {"generation": generation})


@login_required
@require_POST
def delete(request: HtmxRequest) -> HttpResponse:
    """Delete soundscapes and redirect to the history, which offers once to restore them."""
    keys = [key for text in request.POST.getlist("pk") if (key := uuid_of(text))]
    if deleted_at := library.delete(signed_in_user(request), keys):
        request.session[DELETED_AT] = deleted_at.isoformat()
    return redirect(_history(request))


def _history(request: HtmxRequest) -> str:
    """Return the URL of the history, with its filters if the request comes from there."""
    history = reverse("history")
    opened = urlsplit(back(request, history))
    return urlunsplit(("", "", *opened[2:4], "")) if opened.path == history else history


@login_required
@require_POST
def restore(request: HtmxRequest) -> HttpResponse:
    deleted_at = moment(request.POST.get("deleted", ""))
    if deleted_at is None:
        return redirect(_history(request))
    try:
        restored = library.restore(signed_in_user(request), deleted_at)
    except library.NoRoomError as error:
        messages.error(request, str(error))
        request.session[REFUSED_AT] = deleted_at.isoformat()
        return redirect(_history(request))
    if restored:
        noun = "soundscape" if restored == 1 else "soundscapes"
        messages.success(request, f"{restored} {noun} restored.")
    return redirect(_history(request))


def uuid_of(text: str) -> UUID | None:
    """Parse a UUID; return None if it is invalid."""
    try:
        return UUID(text)
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """Parse a time with a zone; return None if it is invalid or outside datetime's range."""
    try:
        found = parse_datetime(text[:40])
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None
