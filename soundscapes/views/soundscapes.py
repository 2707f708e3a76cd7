"""Making, following, hearing and listing soundscapes."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from soundscapes.engine.errors import PhotoError
from soundscapes.forms import PhotoForm, RecipeForm
from soundscapes.models import Generation, Image
from soundscapes.services import generations, images
from soundscapes.views.access import generation_or_404, image_or_404, signed_in_user

PAGE_SIZE = 24


class HtmxRequest(HttpRequest):
    """What django-htmx's middleware makes of a request."""

    htmx: HtmxDetails


@login_required
@require_POST
def create(request: HtmxRequest) -> HttpResponse:
    form, recipe = PhotoForm(request.POST, request.FILES), RecipeForm(request.POST)
    if not form.is_valid():
        too_large = form.has_error("image", "too_large")
        return _refused(request, str(form.errors["image"][0]), 413 if too_large else 400)
    if not recipe.is_valid():
        return _refused_recipe(request, recipe)
    upload = form.cleaned_data["image"]
    try:
        image = images.upload_image(signed_in_user(request), upload.read(), _title(upload.name))
    except PhotoError as error:
        return _refused(request, str(error), error.status)
    return _make(request, image, recipe)


@login_required
@require_POST
def create_random(request: HtmxRequest) -> HttpResponse:
    recipe = RecipeForm(request.POST)
    if not recipe.is_valid():
        return _refused_recipe(request, recipe)
    try:
        image = images.random_image(signed_in_user(request), request.POST.get("other_than"))
    except images.NoPicturesError as error:
        return _refused(request, str(error), 503)
    return _make(request, image, recipe)


@login_required
@require_POST
def create_from(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Of a picture that is there already."""
    image = image_or_404(signed_in_user(request), pk)
    recipe = RecipeForm(request.POST)
    if not recipe.is_valid():
        return _refused_recipe(request, recipe)
    return _make(request, image, recipe)


def _title(filename: str) -> str:
    """A file's name as words: holiday_2.jpg becomes holiday 2."""
    stem = filename.rpartition(".")[0] or filename
    return " ".join(stem.replace("_", " ").split())


def _make(request: HtmxRequest, image: Image, recipe: RecipeForm) -> HttpResponse:
    generation = generations.create_generation(signed_in_user(request), image, **recipe.recipe())
    return _show(request, generation)


def _refused_recipe(request: HtmxRequest, recipe: RecipeForm) -> HttpResponse:
    field, errors = next(iter(recipe.errors.items()))
    return _refused(request, f"{recipe.fields[field].label}: {errors[0]}", 400)


def _show(request: HtmxRequest, generation: Generation) -> HttpResponse:
    """In the page at once with htmx, on a page of its own without."""
    if not request.htmx:
        return redirect("soundscape", pk=generation.pk)
    response = render(request, "partials/soundscape.html", {"generation": generation})
    response["HX-Push-Url"] = generation.get_absolute_url()
    return response


def _refused(request: HtmxRequest, message: str, status: int) -> HttpResponse:
    template = "partials/refused.html" if request.htmx else "soundscapes/refused.html"
    return render(request, template, {"message": message}, status=status)


@login_required
@require_safe
def detail(request: HtmxRequest, pk: UUID) -> HttpResponse:
    generation = generation_or_404(signed_in_user(request), pk)
    return render(request, "soundscapes/soundscape.html", {"generation": generation})


@login_required
@require_safe
def status(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """The soundscape as it is now; 204 while it is as the page has it already."""
    generation = generation_or_404(signed_in_user(request), pk)
    if request.GET.get("seen") == generation.version:
        return HttpResponse(status=204)
    return render(request, "partials/soundscape.html", {"generation": generation})


@login_required
@require_POST
def retry(request: HtmxRequest, pk: UUID) -> HttpResponse:
    generation = generation_or_404(signed_in_user(request), pk)
    generations.retry_generation(generation)
    return _show(request, generation)


@login_required
@require_safe
def history(request: HtmxRequest) -> HttpResponse:
    mine = Generation.objects.owned_by(signed_in_user(request)).for_list()
    page = Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "soundscapes/history.html", {"page": page})
