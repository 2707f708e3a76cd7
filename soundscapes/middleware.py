"""Answers that hold for every page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

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


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Scripts, styles and pictures from this server alone, unless a view says stricter."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

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
        if "text/html" in request.headers.get("Accept", ""):
            return render(request, "soundscapes/refused.html", {"message": message}, status=413)
        return JsonResponse({"detail": message}, status=413)

    return middleware
