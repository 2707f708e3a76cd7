"""Creating, listing and revoking share links, podcast feeds and streams."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from soundscapes.generations import share_links
from soundscapes.generations.players import feeds, streams
from soundscapes.http.access import (
    HtmxRequest,
    back,
    link_or_404,
    owned_or_404,
    playable_or_404,
    signed_in_user,
)
from soundscapes.models import Feed, Generation, ShareLink, Stream
from soundscapes.web.forms import ShareForm, StreamForm
from soundscapes.web.mixer import page_of

PAGE_SIZE = 25
# Keys of new paths in the session, until the page has shown them.
NEW_FEED, NEW_STREAM = "new_feed", "new_stream"


@login_required
@require_POST
def make_link(request: HtmxRequest, pk: UUID) -> HttpResponse:
    generation = playable_or_404(signed_in_user(request), pk)
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _section(request, generation, form)
    try:
        share_links.make_link(generation, **form.options())
    except share_links.ShareError as error:
        form.add_error(None, str(error))
        return _section(request, generation, form)
    if request.htmx:
        return _section(request, generation, said="Link created.")
    return redirect(f"{generation.get_absolute_url()}#share")


def _section(
    request: HtmxRequest, generation: Generation, form: ShareForm | None = None, said: str = ""
) -> HttpResponse:
    """Return the sharing section to htmx, otherwise the whole page."""
    context = page_of(generation, share_form=form, said=said)
    template = "partials/share.html" if request.htmx else "soundscapes/soundscape.html"
    return render(request, template, context, status=400 if form else 200)


@login_required
@never_cache
@require_safe
def links(request: HtmxRequest) -> HttpResponse:
    user = signed_in_user(request)
    mine = ShareLink.objects.owned_by(user).for_list()
    context = {
        "page": Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page")),
        "feeds": user.feeds.all(),
        "new_feed": request.session.pop(NEW_FEED, None),
        "streams": user.streams.for_list(),
        "new_stream": request.session.pop(NEW_STREAM, None),
    }
    return render(request, "soundscapes/links.html", context)


@login_required
@require_POST
def revoke_link(request: HtmxRequest, pk: UUID) -> HttpResponse:
    link = link_or_404(signed_in_user(request), pk)
    share_links.revoke(link)
    said = "Link revoked. It no longer works."
    if request.htmx:
        return _section(request, link.generation, said=said)
    messages.success(request, said)
    return redirect(back(request, link.generation.get_absolute_url()))


@login_required
@require_POST
def create_feed(request: HtmxRequest) -> HttpResponse:
    only_favourites = "only_favourites" in request.POST
    _feed, token = feeds.make_feed(signed_in_user(request), only_favourites=only_favourites)
    request.session[NEW_FEED] = reverse("feed", args=[token])
    return redirect(f"{reverse('links')}#feeds")


@login_required
@require_POST
def revoke_feed(request: HtmxRequest, pk: UUID) -> HttpResponse:
    feeds.revoke_feed(owned_or_404(Feed, signed_in_user(request), pk))
    messages.success(request, "Feed revoked. Podcast players can no longer read it.")
    return redirect("links")


@login_required
@require_POST
def create_stream(request: HtmxRequest) -> HttpResponse:
    user, form = signed_in_user(request), StreamForm(request.POST)
    if not form.is_valid():
        raise Http404("There is no such soundscape.")
    pk = form.cleaned_data["soundscape"]
    _stream, token = streams.make_stream(user, playable_or_404(user, pk) if pk else None)
    request.session[NEW_STREAM] = reverse("stream", args=[token])
    return redirect(f"{reverse('links')}#streams")


@login_required
@require_POST
def revoke_stream(request: HtmxRequest, pk: UUID) -> HttpResponse:
    streams.revoke_stream(owned_or_404(Stream, signed_in_user(request), pk))
    messages.success(request, "Stream revoked. Players stop within a minute.")
    return redirect("links")
