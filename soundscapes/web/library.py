"""Renaming, favourites, deletion and restoring of soundscapes."""

from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from soundscapes.generations import library
from soundscapes.http.access import HtmxRequest, back, generation_or_404, signed_in_user
from soundscapes.web.forms import TitleForm


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
    return render(request, "partials/title.html", context, status=status)


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
    """Delete soundscapes and redirect to the history, which offers to restore them."""
    keys = [key for text in request.POST.getlist("pk") if (key := uuid_of(text))]
    deleted_at = library.delete(signed_in_user(request), keys)
    address = reverse("history")
    if deleted_at:
        address += "?" + urlencode({"deleted": deleted_at.isoformat()})
    return redirect(address)


@login_required
@require_POST
def restore(request: HtmxRequest) -> HttpResponse:
    deleted_at = moment(request.POST.get("deleted", ""))
    restored = library.restore(signed_in_user(request), deleted_at) if deleted_at else 0
    if restored:
        noun = "soundscape" if restored == 1 else "soundscapes"
        messages.success(request, f"{restored} {noun} restored.")
    return redirect("history")


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
