"""Endless streams, as speakers and radios fetch them."""

from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from soundscapes.engine.errors import EngineError
from soundscapes.generations.players import streams
from soundscapes.http import errors
from soundscapes.http.policy import protect_shared
from soundscapes.http.streaming import EndlessResponse
from soundscapes.limits.errors import LimitError
from soundscapes.models import Stream

MEDIA_TYPE = "audio/mpeg"


@require_safe
def stream(request: HttpRequest, token: str) -> HttpResponseBase:
    found = Stream.objects.live().with_token(token).select_related("owner", "generation").first()
    if found is None:
        raise Http404("This stream was revoked, or never existed.")
    response = _response(request, found)
    protect_shared(response)
    return response


def _response(request: HttpRequest, found: Stream) -> HttpResponseBase:
    if request.method == "HEAD":
        return _described(StreamingHttpResponse(content_type=MEDIA_TYPE), found)
    try:
        return _described(EndlessResponse(streams.listen(found), MEDIA_TYPE), found)
    except LimitError as error:
        return errors.limited(request, error)
    except EngineError as error:
        raise Http404(str(error)) from error


def _described(response: HttpResponseBase, found: Stream) -> HttpResponseBase:
    """Add what players show (SHOUTcast's headers), and keep proxies from collecting the sound."""
    response["icy-name"] = capfirst(str(found))
    response["icy-br"] = "128"
    response["X-Accel-Buffering"] = "no"
    return response
