"""Public pages of share links: player, embedded frame and files.

Expired, revoked and unknown links get the same response.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_POST, require_safe

from soundscapes.generations import share_imports
from soundscapes.http import errors
from soundscapes.http.access import signed_in_user
from soundscapes.http.playing import clip_response, part_response
from soundscapes.http.policy import allow_frames, protect_shared
from soundscapes.http.ranges import (
    file_name,
    serve_credits,
    serve_file,
    sound_response,
    spectrogram_response,
)
from soundscapes.limits.errors import LimitError
from soundscapes.models import ShareLink
from soundscapes.web.mixer import licence_of, mixer_of

View = Callable[..., HttpResponseBase]
"""Takes a request, a live ShareLink, and further parameters of the URL."""
Opened = Callable[..., HttpResponseBase]

FRAME_HEIGHT = 240  # pixels, of the snippet for other sites


def by_token(view: View) -> Opened:
    """Pass the live link of a token to `view`; keep search engines out."""

    @wraps(view)
    def opened(request: HttpRequest, token: str, **parameters: Any) -> HttpResponseBase:
        link = ShareLink.objects.live().for_list().filter(token=token).first()
        try:
            response = view(request, link, **parameters) if link else gone(request)
        except LimitError as error:
            response = errors.limited(request, error)
        protect_shared(response)
        return response

    return opened


def gone(request: HttpRequest) -> HttpResponse:
    """Return the same 404 response for expired, revoked and unknown links."""
    in_frame = request.resolver_match is not None and request.resolver_match.func is embed
    context = {"base": "frame.html" if in_frame else "base.html"}
    return render(request, "shared/gone.html", context, status=404)


def in_frames(view: Opened) -> Opened:
    @wraps(view)
    def framed(request: HttpRequest, token: str) -> HttpResponseBase:
        response = view(request, token)
        allow_frames(response)
        return response

    return xframe_options_exempt(framed)


@require_safe
@by_token
def page(request: HttpRequest, link: ShareLink) -> HttpResponse:
    return _shown(request, link, "shared/page.html")


@require_safe
@in_frames
@by_token
def embed(request: HttpRequest, link: ShareLink) -> HttpResponse:
    return _shown(request, link, "shared/embed.html")


def _shown(request: HttpRequest, link: ShareLink, template: str) -> HttpResponse:
    context: dict[str, object] = {
        "link": link,
        "generation": link.generation,
        "licence": licence_of(link.generation),
        "frame_height": FRAME_HEIGHT,
    }
    if link.shows_picture and link.generation.plan is not None:
        context["mixer"] = mixer_of(link.generation)
    return render(request, template, context)


@require_safe
@by_token
def audio(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    name = request.GET.get("format", "wav")
    if name not in ("wav", "flac"):
        raise Http404("This is available as WAV or FLAC.")
    return sound_response(request, link.generation, name, link.title)


@require_safe
@by_token
def part(_request: HttpRequest, link: ShareLink, number: int) -> HttpResponse:
    return part_response(link.generation, number)


@require_safe
@by_token
def part_clip(request: HttpRequest, link: ShareLink, place: int, checksum: str) -> HttpResponse:
    return clip_response(request, link.generation, place, checksum)


@require_safe
@by_token
def image(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    if not link.shows_picture:
        return gone(request)
    return serve_file(
        request, link.generation.image.file, etag=f"{link.pk}-image", filename="soundscape.jpg"
    )


@require_safe
@by_token
def thumbnail(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    if not link.shows_picture:
        return gone(request)
    small = link.generation.image.thumbnail
    return serve_file(request, small, etag=f"{link.pk}-thumbnail", filename="soundscape.webp")


@require_safe
@by_token
def spectrogram(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    return spectrogram_response(request, link.generation)


@require_safe
@by_token
def credits_file(request: HttpRequest, link: ShareLink) -> HttpResponse:
    return serve_credits(request, link.generation, file_name(link.title, " credits.txt"))


@require_POST
@by_token
def save_copy(request: HttpRequest, link: ShareLink) -> HttpResponse:
    """Save a copy. Signed-out visitors sign in first and return to the link."""
    if not request.user.is_authenticated:
        return redirect_to_login(link.path)
    copy = share_imports.save_copy(signed_in_user(request), link)
    messages.success(request, "Saved to your history. You can edit this copy.")
    return redirect(copy)
