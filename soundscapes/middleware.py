"""Answers that hold for every page."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from soundscapes.api.problems import is_for_programs, problem_response
from soundscapes.logs import current_request_id
from soundscapes.services import quotas

REQUEST_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)

PAGE_METHODS = ("GET", "HEAD", "POST")

MAX_BODY = 64 * 2**20  # bytes
MAX_ADMIN_BODY = 1024 * 2**20  # whole sets, and the release of ESC-50

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob: data:",  # blob: previews of chosen files; data: the admin's icons
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "bluetooth",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "hid",
        "microphone",
        "midi",
        "payment",
        "publickey-credentials-get",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)


def request_id(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Name every request, in its answer and in the log; a proxy's own name is kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = name  # type: ignore[attr-defined]
        token = current_request_id.set(name)
        try:
            response = get_response(request)
        finally:
            current_request_id.reset(token)
        response.headers["X-Request-ID"] = name
        return response

    return middleware


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Scripts, styles and pictures from this server alone, unless a view says stricter.

    Of what browsers let pages ask people for, ours need nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers["Permissions-Policy"] = PERMISSIONS
        return response

    return middleware


def refuse_other_methods(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Pages take what browsers send; the admin's would answer a DELETE with the page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in PAGE_METHODS or is_for_programs(request):
            return get_response(request)
        return HttpResponseNotAllowed(PAGE_METHODS)

    return middleware


def _most(request: HttpRequest) -> int:
    is_admin = request.path.startswith("/admin/") and getattr(request.user, "is_staff", False)
    return MAX_ADMIN_BODY if is_admin else MAX_BODY


def refuse_huge_bodies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 413 by the announced length, before anything is read or written to disk.

    Files just over their own limit are read, and refused in words that name the file; this is
    for what nobody sends by mistake.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) <= MAX_BODY:
            return get_response(request)
        most = _most(request)
        if int(length) <= most:
            return get_response(request)
        message = (
            f"This request has {int(length) / 2**20:.0f} MB, and {most // 2**20} MB is the "
            "most. Send less at once."
        )
        if is_for_programs(request) or "text/html" not in request.headers.get("Accept", ""):
            return problem_response(request, 413, message)
        return render(request, "soundscapes/refused.html", {"message": message}, status=413)

    return middleware


class SayTooManyTries:
    """A quota that a page meets, signing in for one, is 429 in words; the API says so itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, quotas.QuotaExceededError):
            return None
        response = render(request, "soundscapes/refused.html", {"message": str(error)}, status=429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response


def refuse_repeated_parameters(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A parameter of the API that is given twice is a mistake; Django would take the last one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_for_programs(request):
            for name, values in request.GET.lists():
                if len(values) > 1:
                    return _repeated(request, name)
        return get_response(request)

    return middleware


def _repeated(request: HttpRequest, name: str) -> HttpResponse:
    words = "Give this parameter once."
    error = {"pointer": f"#/{name}", "in": "query", "detail": words, "code": "repeated"}
    return problem_response(request, 400, f"{name}: {words}", errors=[error])
