"""Parts and clips of soundscapes as responses, for players of pages and of share links."""

from threading import BoundedSemaphore

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response

from soundscapes.engine.errors import EngineError
from soundscapes.generations.players import playing
from soundscapes.http.policy import protect_clip, protect_file
from soundscapes.models import Generation

MEDIA_TYPES = {"ogg": "audio/ogg", "flac": "audio/flac"}

_encoders = BoundedSemaphore(2)
"""A clip is encoded when it is first heard, which takes a tenth of a second."""


def part_response(generation: Generation, number: int) -> HttpResponse:
    """Return the events of a part as JSON. Raises Http404 if there is no such part."""
    try:
        response = JsonResponse(playing.part(generation, number))
    except EngineError as error:
        raise Http404(str(error)) from error
    Generation.objects.mark_used(generation)
    protect_file(response)
    return response


def clip_response(
    request: HttpRequest, generation: Generation, place: int, checksum: str
) -> HttpResponse:
    """Return a clip of a layer, status 202 while other clips are encoded. Raises Http404."""
    form = request.GET.get("format", "ogg")
    if form not in MEDIA_TYPES:
        raise Http404("This is available as Ogg Vorbis or FLAC.")
    if not _encoders.acquire(timeout=settings.API_WAIT_SECONDS):
        return HttpResponse(status=202, headers={"Retry-After": "1"})
    try:
        found = playing.layer_clip(generation, place, checksum, form)
    except (EngineError, FileNotFoundError) as error:
        raise Http404("The clip is missing from the server.") from error
    finally:
        _encoders.release()
    etag = f'"{found.path.stem}-{form}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(found.path.read_bytes(), content_type=MEDIA_TYPES[form])
    response["ETag"] = etag
    protect_clip(response, is_own=found.is_own)
    return response
