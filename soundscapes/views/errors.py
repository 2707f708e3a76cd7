"""What Django itself refuses: a page for people, problem details for programs."""

from __future__ import annotations

import sys

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.template import loader
from django.views import defaults

from soundscapes.api.problems import is_for_programs, problem_response
from soundscapes.services import troubles

RETRY_AFTER = "10"  # seconds


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_for_programs(request):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        return problem_response(request, 413, "The fields of this request are too long.")
    return problem_response(request, 400, "The server could not read this request.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_for_programs(request):
        return defaults.permission_denied(request, exception)
    return problem_response(request, 403, "You may not do this.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_for_programs(request):
        return defaults.page_not_found(request, exception)
    words = str(exception) if type(exception) is Http404 and str(exception) else ""
    return problem_response(request, 404, words or "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    words = troubles.words_of(sys.exception() or RuntimeError())
    if words is not None:
        return _unavailable(request, words)
    if not is_for_programs(request):
        return defaults.server_error(request)
    return problem_response(
        request,
        500,
        "Something went wrong on the server. If it happens again, report the request id.",
    )


def _unavailable(request: HttpRequest, words: str) -> HttpResponse:
    """503 for what passes. Its pages ask nothing of the database, which may be what is away."""
    headers = {"Retry-After": RETRY_AFTER}
    if is_for_programs(request):
        return problem_response(request, 503, words, headers=headers)
    template = "503.html"
    if request.headers.get("HX-Request"):
        template = "partials/refused.html"
        headers |= _beside_the_page(request)
    page = loader.get_template(template).render({"message": words})
    return HttpResponse(page, status=503, headers=headers)


def _beside_the_page(request: HttpRequest) -> dict[str, str]:
    """Nothing on the page is replaced: what follows a job asks again, and forms stay filled in."""
    if request.method in ("GET", "HEAD"):
        return {"HX-Reswap": "none"}
    return {"HX-Retarget": "#main", "HX-Reswap": "afterbegin show:window:top"}
