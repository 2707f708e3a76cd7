"""Soundscapes of the history one after another, for a screen on a wall."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from soundscapes.http.access import HtmxRequest, signed_in_user
from soundscapes.web.forms import HistoryForm
from soundscapes.web.history import address, listed

MOST = 200


@login_required
@require_safe
def slideshow(request: HtmxRequest) -> HttpResponse:
    """Show what the history shows with the same filters."""
    filters = HistoryForm(request.GET).filters()
    if request.method == "HEAD":
        filters.pop("q", None)  # a search would enqueue work for the worker
    shown = listed(signed_in_user(request), filters, MOST)
    context = {"generations": shown, "query": address(filters)}
    return render(request, "soundscapes/slideshow.html", context)
