"""Liveness and readiness for load balancers and supervisors."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from soundscapes.operations import health

RETRY_AFTER = "10"  # seconds


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Report that the process is alive, without using the database or any file."""
    return HttpResponse("OK\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Return the state of each component; status 503 if one fails."""
    parts = health.look()
    is_ready = all(part.is_well for part in parts)
    body = {part.name: {"ok": part.is_well, "words": part.words} for part in parts}
    response = JsonResponse({"ready": is_ready, "parts": body}, status=200 if is_ready else 503)
    if not is_ready:
        response["Retry-After"] = RETRY_AFTER
    return response
