"""Response headers for content, framing and caching policy."""

from django.conf import settings
from django.http import HttpResponseBase

DIRECTIVES = (
    "default-src 'self'",
    "img-src 'self' blob: data:",  # blob: previews of chosen files; data: the admin's icons
    "media-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
)
POLICY = "; ".join((*DIRECTIVES, "frame-ancestors 'none'"))
FRAME_POLICY = "; ".join((*DIRECTIVES, "frame-ancestors *"))
"""Content-Security-Policy of the one page that other sites may embed."""
FILE_POLICY = "default-src 'none'; sandbox"
"""Content-Security-Policy of stored files."""

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
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
"""Permissions-Policy: the features that no page may use."""

DEBUG_PAGES = (404, 500)
"""Statuses of Django's pages for developers, which have styles and scripts inside."""

FILE_CACHE = "private, max-age=3600"
"""Cache-Control of stored files."""


def protect_page(response: HttpResponseBase) -> None:
    """Allow this server's content only and keep nothing, unless the view says otherwise."""
    if not (settings.DEBUG and response.status_code in DEBUG_PAGES):
        response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["Permissions-Policy"] = PERMISSIONS
    response.headers.setdefault("Cache-Control", "private, no-store")


def protect_file(response: HttpResponseBase) -> None:
    """Keep a stored file in private caches and let it run no scripts."""
    response.headers["Cache-Control"] = FILE_CACHE
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = FILE_POLICY


def protect_shared(response: HttpResponseBase) -> None:
    """Keep shared links out of search engines and revalidate each time."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-cache"


def allow_frames(response: HttpResponseBase) -> None:
    response.headers["Content-Security-Policy"] = FRAME_POLICY
