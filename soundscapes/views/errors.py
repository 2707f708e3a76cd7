"""What Django itself refuses: a page for people, problem details for programs."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults

from soundscapes.api.problems import is_for_programs, problem_response


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
    if not is_for_programs(request):
        return defaults.server_error(request)
    return problem_response(
        request,
        500,
        "Something went wrong on the server. If it happens again, report the request id.",
    )
