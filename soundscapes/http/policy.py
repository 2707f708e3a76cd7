"""Response headers for content, framing and caching policies."""

from django.conf import settings
from django.http import HttpResponseBase

DIRECTIVES = (
    "default-src 'self'",
    "img-src 'self' blob: data:",  # blob: previews of chosen files; data: the admin's icons
    "media-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    " ".join(("form-action 'self'", *settings.FORM_ORIGINS)),  # redirects count as well
)
POLICY = "; ".join((*DIRECTIVES, "frame-ancestors 'none'"))
FRAME_POLICY = "; ".join((*DIRECTIVES, "frame-ancestors *"))
"""Content-Security-Policy of the only page that other sites may embed."""
FILE_POLICY = "default-src 'none'; sandbox"
"""Content-Security-Policy of stored files."""

MICROPHONE = "microphone"
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "hid",
        MICROPHONE,
        "midi",
        "payment",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)
"""Permissions-Policy, which disables these features on all pages but that of recordings."""

DEBUG_PAGES = (404, 500)
"""Statuses of Django's pages for developers, which have styles and scripts inside."""

FILE_CACHE = "private, max-age=3600"
"""Cache-Control of stored files."""
CLIP_CACHE = "private, max-age=31536000, immutable"
"""Cache-Control of clips, which have their checksum in the address."""


def protect_page(response: HttpResponseBase) -> None:
    """Allow content from this server only, and no caching unless the view sets a policy."""
    if not (settings.DEBUG and response.status_code in DEBUG_PAGES):
        response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Permissions-Policy", PERMISSIONS)
    response.headers.setdefault("Cache-Control", "private, no-store")


def protect_file(response: HttpResponseBase) -> None:
    """Allow private caches to keep a stored file, and do not let it run scripts."""
    response.headers["Cache-Control"] = FILE_CACHE
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = FILE_POLICY


def protect_clip(response: HttpResponseBase, *, is_own: bool) -> None:
    """Allow private caches to keep a clip for good; a user's own recording is checked each time."""
    protect_file(response)
    response.headers["Cache-Control"] = "private, no-cache" if is_own else CLIP_CACHE


def protect_shared(response: HttpResponseBase) -> None:
    """Keep shared links out of search engines, and revalidate them each time."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-cache"


def allow_microphone(response: HttpResponseBase) -> None:
    """Let this page of the site ask for the microphone."""
    allowed = PERMISSIONS.replace(f"{MICROPHONE}=()", f"{MICROPHONE}=(self)")
    response.headers["Permissions-Policy"] = allowed


def allow_frames(response: HttpResponseBase) -> None:
    response.headers["Content-Security-Policy"] = FRAME_POLICY
