"""The site as an installed application: manifest, service worker, offline page, share target."""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from soundscapes.engine.photos.reading import MEDIA_TYPES

PAPER = "#f6f4ee"  # as in site.css
ICONS = (("icon-192", "any"), ("icon-512", "any"), ("icon-maskable-512", "maskable"))
WORKER = "js/service_worker.js"
ONLINE = ("css/admin.css", "js/admin.js", WORKER)
"""Static files that nothing needs without a connection."""
HTMX = "django_htmx/htmx-2.min.js"


@require_safe
def manifest(_request: HttpRequest) -> JsonResponse:
    response = JsonResponse(_manifest(), content_type="application/manifest+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _manifest() -> dict[str, Any]:
    studio = reverse("studio")
    return {
        "id": studio,
        "name": "Soundscapes",
        "short_name": "Soundscapes",
        "description": "Turns an image into the sounds of the place it shows.",
        "start_url": studio,
        "scope": studio,
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [_icon(name, purpose) for name, purpose in ICONS],
        "shortcuts": [
            _shortcut("Take a photo", f"{studio}?photo"),
            _shortcut("History", reverse("history")),
        ],
        "share_target": {
            "action": reverse("receive"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "image", "accept": list(MEDIA_TYPES)}]},
        },
    }


def _icon(name: str, purpose: str) -> dict[str, str]:
    size = name.rpartition("-")[2]
    source = static(f"img/{name}.png")
    return {"src": source, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def _shortcut(name: str, url: str) -> dict[str, Any]:
    return {"name": name, "url": url, "icons": [_icon(*ICONS[0])]}


@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Return a script that changes with every file of the site, which makes browsers update."""
    return HttpResponse(
        f"self.site = {_facts()};\nimportScripts({json.dumps(static(WORKER))});\n",
        content_type="text/javascript",
        headers={"Cache-Control": "no-cache"},
    )


def _facts() -> str:
    """Return the files and URLs that the worker knows, as JSON."""
    files = [static(name) for name in shell()]
    page, studio = render_to_string("offline.html"), reverse("studio")
    return json.dumps(
        {
            "version": sha256("".join([*files, page]).encode()).hexdigest()[:12],
            "files": files,
            "static": settings.STATIC_URL,
            "media": f"{studio}media/",
            "offline": reverse("offline"),
            "receive": reverse("receive"),
            "studio": studio,
        }
    )


@cache
def shell() -> list[str]:
    """Return the names of the static files that pages need without a connection."""
    root = Path(settings.STATICFILES_DIRS[0])
    ours = sorted(
        path.relative_to(root).as_posix()
        for folder in ("css", "js", "img")
        for path in (root / folder).iterdir()
    )
    return [HTMX, *(name for name in ours if name not in ONLINE and not name.endswith(".png"))]


@require_safe
def offline(_request: HttpRequest) -> HttpResponse:
    """List what this device keeps. The page is the same for everybody, so it may be cached."""
    return HttpResponse(render_to_string("offline.html"), headers={"Cache-Control": "no-cache"})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """Explain that a shared image did not arrive: only the service worker takes it.

    A share has no CSRF token, so this reads nothing of it.
    """
    return render(request, "soundscapes/receive.html")
