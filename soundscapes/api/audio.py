"""The audio of a soundscape in any format, converted on demand."""

from collections.abc import Iterable

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from soundscapes.api.idempotency import RETRY_AFTER
from soundscapes.api.jobs import accepted, wait_until_final
from soundscapes.api.permissions import require_write_scope
from soundscapes.generations import transcoding
from soundscapes.http.problems import wants_page
from soundscapes.http.ranges import file_name, serve_file, serve_wav
from soundscapes.models import Generation, Rendition, State

WAITED = "waited"
"""Query parameter of a browser that has waited for a conversion: it gets a page, then the file."""


def serve_audio(request: Request, generation: Generation, name: str = "wav") -> HttpResponseBase:
    """Return a finished soundscape in a format, or status 202 while a worker converts it."""
    if name == "wav":
        return serve_wav(request, generation)
    try:
        rendition = _rendition(request, generation, name)
    except FileNotFoundError:
        raise Http404("The file is missing from the server.") from None
    rendition = wait_until_final(rendition)
    if rendition.state != State.READY:
        return conversion_pending(request, rendition)
    if WAITED in request.GET and wants_page(request):
        return _conversion_page(request, rendition, refresh="0", waited=False)
    return serve_file(
        request,
        rendition.file,
        etag=f"{generation.audio_checksum}-{name}",
        filename=file_name(generation.title, f".{name}"),
    )


def _rendition(request: Request, generation: Generation, name: str) -> Rendition:
    known = transcoding.find_rendition(generation, name)
    if known is None and request.method == "HEAD":
        raise Http404("The file has not been converted yet. GET starts the conversion.")
    if known is None:
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
