"""The studio, and the welcome page for signed-out visitors."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from soundscapes.accounts import first_administrator
from soundscapes.engine.photos.reading import MAX_BYTES
from soundscapes.http.access import HtmxRequest, signed_in_user
from soundscapes.http.uploads import ACCEPT, PhotoForm
from soundscapes.images import weights
from soundscapes.images.matching import current_encoder
from soundscapes.jobs.listing import unfinished_of
from soundscapes.models import BatchJob, Generation, Image, ShareLink, User
from soundscapes.web.forms import OptionsForm
from soundscapes.web.limits import Limit, limits_of

OPTIONS = "options"  # cookie with the options of the last soundscape
OPTIONS_KEPT = timedelta(days=365)
LATEST = 4
STARTERS = 6
MAX_UNFINISHED = 50
PARTS = {
    "encoder": "partials/encoder.html",
    "latest": "partials/latest.html",
    "others": "partials/others.html",
    "queue": "partials/jobs.html",
}
"""Templates of what the page keeps up to date, by the id of its place."""
SHOWN_AS_SOUNDSCAPES = ("matching", "generation")


@require_safe
def studio(request: HtmxRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login("/") if request.htmx else _welcome(request)
    options = OptionsForm.remembered(request.COOKIES.get(OPTIONS, ""))
    context = studio_context(signed_in_user(request), options)
    context["takes_photo"] = "photo" in request.GET  # the shortcut of the installed application
    # The line polls while a better encoder is prepared, with the one that it shows.
    context["is_better"] = request.GET.get("encoder") not in (None, context["encoder"].slug)
    part = PARTS.get(request.htmx.target or "")
    return render(request, part or "soundscapes/studio.html", context)


def _welcome(request: HttpRequest) -> HttpResponse:
    shown = ShareLink.objects.live().welcome().for_list().first()
    context = {
        "link": shown,
        "accept": ACCEPT,
        "has_guests": settings.GUESTS,
        "has_no_administrator": first_administrator.is_missing(),
    }
    return render(request, "soundscapes/welcome.html", context)


def studio_context(user: User, options: OptionsForm) -> dict[str, Any]:
    mine = Generation.objects.owned_by(user).for_list()
    return {
        "form": PhotoForm(),
        "accept": ACCEPT,
        "max_bytes": MAX_BYTES,
        "max_megabytes": MAX_BYTES // 2**20,
        "options": options,
        "unfinished": mine.unfinished().order_by("queued_at")[:MAX_UNFINISHED],
        "others": unfinished_of(user, without=SHOWN_AS_SOUNDSCAPES),
        "latest": mine.finished()[:LATEST],
        "starters": Image.objects.scenes()[:STARTERS],
        "encoder": current_encoder(),
        **_in_background(),
        "limits": _near(user),
    }


def _in_background() -> dict[str, BatchJob | None]:
    """Return the jobs that will make matching better or faster."""
    kinds = (BatchJob.Kind.ENCODER, BatchJob.Kind.WEIGHTS)
    jobs = {job.kind: job for job in BatchJob.objects.unfinished().filter(kind__in=kinds)}
    download = jobs.get(BatchJob.Kind.WEIGHTS) if weights.are_awaited() else None
    return {"preparation": jobs.get(BatchJob.Kind.ENCODER), "download": download}


def _near(user: User) -> list[Limit]:
    """Return the limits that are nearly used up, those that are reached first."""
    near = [limit for limit in limits_of(user) if limit.is_near]
    return sorted(near, key=lambda limit: not limit.is_reached)


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Redirect to the icon. Browsers request this URL on pages without an icon link."""
    return redirect(static("img/icon.svg"))
