"""The studio, and the page that greets those who are not signed in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from soundscapes.forms import PhotoForm, RecipeForm
from soundscapes.models import Generation, Image
from soundscapes.services.matching import current_encoder
from soundscapes.views.access import signed_in_user

STARTERS = 6


@require_safe
def studio(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "soundscapes/welcome.html")
    latest = Generation.objects.owned_by(signed_in_user(request)).for_list()[:4]
    context = {
        "form": PhotoForm(),
        "recipe": RecipeForm(),
        "latest": latest,
        "starters": Image.objects.drawn().order_by("created_at")[:STARTERS],
        "encoder": current_encoder(),
    }
    return render(request, "soundscapes/studio.html", context)


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """For pages that are not ours, such as the admin's: browsers ask for it there."""
    return redirect(static("img/icon.svg"))
