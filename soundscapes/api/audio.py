"""The audio of a soundscape in any format, made on demand."""

from collections.abc import Iterable

from django.http import HttpResponseBase
from django.shortcuts import render
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from soundscapes.api.idempotency import RETRY_AFTER
from soundscapes.api.jobs import accepted, wait_until_final
from soundscapes.api.permissions import require_write_scope
from soundscapes.engine.sound.audio_files import FORMATS
from soundscapes.generations import transcoding
from soundscapes.http.problems import wants_page
from soundscapes.http.ranges import known_rendition, needed_or_404, serve_sound
from soundscapes.models import Generation, Rendition, State

WAITED = "waited"
"""Query parameter of a browser that has waited for a conversion: it gets a page, then the file."""


def serve_audio(request: Request, generation: Generation, name: str = "wav") -> HttpResponseBase:
    """Return a finished soundscape in a format, or status 202 while a worker makes it."""
    if needed := needed_or_404(generation, name):
        pending = wait_for(request, generation, needed)
        if pending is not None:
            return pending
        generation.refresh_from_db(fields=["audio", "audio_checksum"])
    return serve_sound(request, generation, name)


def wait_for(request: Request, generation: Generation, name: str) -> HttpResponseBase | None:
    """Have the worker make a format. Return status 202 until it is made, then None.

    A browser that has waited gets a page that starts the download.
    """
    rendition = wait_until_final(_rendition(request, generation, name))
    if rendition.state != State.READY:
        return conversion_pending(request, rendition)
    if WAITED in request.GET and wants_page(request):
        return _conversion_page(request, rendition, refresh="0", waited=False)
    return None


def _rendition(request: Request, generation: Generation, name: str) -> Rendition:
    known = known_rendition(request, generation, name)
    if known is None:
        if name in FORMATS:
            require_write_scope(request)
        known = transcoding.get_or_create_rendition(generation, name)
    return known


def conversion_pending(request: Request, rendition: Rendition) -> HttpResponseBase:
    """Return status 202, with the job for programs and a self-refreshing page for browsers."""
    if wants_page(request):
        return _conversion_page(request, rendition, refresh=RETRY_AFTER, waited=True)
    response: HttpResponseBase = accepted(request, rendition)
    response["Cache-Control"] = "no-store"
    return response


def _conversion_page(
    request: Request, rendition: Rendition, *, refresh: str, waited: bool
) -> HttpResponseBase:
    """Follow a conversion, or start the download of its file and stay."""
    query = request.GET.copy()
    query.pop(WAITED, None)
    file = f"{request.path}?{query.urlencode()}"
    context = {"rendition": rendition, "file": file, "generation": rendition.generation}
    status = 202 if waited else 200
    response = render(request._request, "soundscapes/conversion.html", context, status=status)
    response["Refresh"] = f"{refresh}; url={file}{f'&{WAITED}=1' if waited else ''}"
    response["Cache-Control"] = "no-store"
    return response


class AnyMediaType(DefaultContentNegotiation):
    """Ignore Accept, for URLs with a single media type. Errors are JSON."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        return next(iter(renderers)), JSONRenderer.media_type
