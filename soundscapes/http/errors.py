"""Error responses: pages for browsers, problem details for API clients, both with a request id.

A request of htmx gets a notice beside the page, which stays as it was.
"""

import logging
import sys

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from soundscapes.http.problems import is_for_programs, problem_response
from soundscapes.jobs import server_errors
from soundscapes.limits.errors import LimitError

logger = logging.getLogger(__name__)

TOO_LONG = "The fields of this request are too long. Shorten them and send it again."
RETRY_AFTER = "10"  # seconds
BESIDE_THE_PAGE = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"}
SIGNED_OUT = "You are signed out. Nothing was changed."
OTHER_SESSION = "You signed in or out in the meantime. Reload the page and try again."
CRASHED = "Something went wrong on the server. Nothing was changed. Try again."
NOTICES = {
    400: "The server could not read this request. Reload the page and try again.",
    403: "You don't have permission to do this. Nothing was changed.",
    404: "This no longer exists. It was deleted, or it belongs to another account.",
    405: "The server does not support this request. Reload the page and try again.",
}
"""Messages for htmx by status."""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    too_big = isinstance(exception, RequestDataTooBig)
    if not is_for_programs(request):
        return refused(request, TOO_LONG, 413) if too_big else _page(request, 400)
    if too_big:
        return problem_response(request, 413, TOO_LONG)
    return problem_response(request, 400, "The server could not read this request.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    if not is_for_programs(request):
        return _page(request, 403)
    return problem_response(request, 403, "You do not have permission to do this.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Hide the reason, which Django logs."""
    if is_partial(request):
        return _notice(request, OTHER_SESSION, 403)
    return render(request, "403_csrf.html", status=403)


def signed_out(request: HttpRequest, sign_in: str) -> HttpResponse:
    """Offer htmx a link to the sign-in page, which returns to the current page."""
    return _notice(request, SIGNED_OUT, 401, {"url": sign_in, "words": "Sign in"})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_for_programs(request):
        return _page(request, 404)
    message = str(exception) if type(exception) is Http404 and str(exception) else ""
    return problem_response(request, 404, message or "There is nothing at this URL.")


def log_deleted(error: ObjectDoesNotExist) -> None:
    """Log where a row was missing that the request had found, because it may be a fault as well."""
    logger.warning("A row was deleted during the request", exc_info=error)


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    response = _page(request, 405)
    response.headers["Allow"] = allowed
    return response


def refused(request: HttpRequest, message: str, status: int) -> HttpResponse:
    if is_partial(request):
        return _notice(request, message, status)
    return render(request, "soundscapes/refused.html", {"message": message}, status=status)


def is_partial(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def limited(request: HttpRequest, error: LimitError) -> HttpResponse:
    return put_off(error, refused(request, str(error), error.status))


def put_off(error: LimitError, response: HttpResponse) -> HttpResponse:
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    message = server_errors.words_of(sys.exception() or RuntimeError())
    if message is not None:
        return _unavailable(request, message)
    if is_partial(request):
        return _notice(request, CRASHED, 500)
    if not is_for_programs(request):
        # Without context processors, because one of them may have failed.
        return HttpResponse(render_to_string("500.html", {"request": request}), status=500)
    return problem_response(
        request,
        500,
        "Something went wrong on the server. If it happens again, report the request id.",
    )


def _page(request: HttpRequest, status: int) -> HttpResponse:
    if is_partial(request):
        return _notice(request, NOTICES[status], status)
    return render(request, f"{status}.html", status=status)


def _notice(
    request: HttpRequest, message: str, status: int, link: dict[str, str] | None = None
) -> HttpResponse:
    """Return a message without a database query and without changing the page."""
    context = {"message": message, "link": link, "request": request}
    page = render_to_string("partials/notice.html", context)
    return HttpResponse(page, status=status, headers=BESIDE_THE_PAGE)


def _unavailable(request: HttpRequest, message: str) -> HttpResponse:
    """Return a 503 without a database query: the database may be down."""
    headers = {"Retry-After": RETRY_AFTER}
    if is_for_programs(request):
        return problem_response(request, 503, message, headers=headers)
    if is_partial(request):
        response = _notice(request, message, 503)
        response.headers["Retry-After"] = RETRY_AFTER
        return response
    page = render_to_string("503.html", {"message": message, "request": request})
    return HttpResponse(page, status=503, headers=headers)
