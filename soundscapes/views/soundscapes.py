"""Making, following, hearing and listing soundscapes."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from soundscapes.engine.errors import PhotoError
from soundscapes.forms import PhotoForm, RecipeForm
from soundscapes.models import Generation, Image
from soundscapes.services import generations, images
from soundscapes.services.backlog import BacklogError
from soundscapes.views.access import (
    HtmxRequest,
    generation_or_404,
    image_or_404,
    signed_in_user,
)
from soundscapes.views.desk import page_of
from soundscapes.views.pages import studio_context


@login_required
@require_POST
def create(request: HtmxRequest) -> HttpResponse:
    form, recipe = PhotoForm(request.POST, request.FILES), RecipeForm(request.POST)
    if not form.is_valid():
        too_large = form.has_error("image", "too_large")
        return _refused(request, recipe, str(form.errors["image"][0]), 413 if too_large else 400)
    if not recipe.is_valid():
        return _refused_recipe(request, recipe)
    upload = form.cleaned_data["image"]
    try:
        image = images.upload_image(signed_in_user(request), upload.read(), _title(upload.name))
    except PhotoError as error:
        return _refused(request, recipe, str(error), error.status)
    except BacklogError as error:
        return _put_off(error, _refused(request, recipe, str(error), error.status))
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
        return _refused(request, recipe, str(error), 503)
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
    try:
        generation = generations.create_generation(
            signed_in_user(request), image, **recipe.recipe()
        )
    except BacklogError as error:
        return _put_off(error, _refused(request, recipe, str(error), error.status))
    return _show(request, generation)


def _refused_recipe(request: HtmxRequest, recipe: RecipeForm) -> HttpResponse:
    field, errors = next(iter(recipe.errors.items()))
    return _refused(request, recipe, f"{recipe.fields[field].label}: {errors[0]}", 400)


def _refused(request: HtmxRequest, recipe: RecipeForm, message: str, status: int) -> HttpResponse:
    """What is wrong, beside a form that keeps what was filled in."""
    if request.htmx:
        return render(request, "partials/refused.html", {"message": message}, status=status)
    context = studio_context(signed_in_user(request), recipe) | {"message": message}
    return render(request, "soundscapes/studio.html", context, status=status)


def _put_off(error: BacklogError, response: HttpResponse) -> HttpResponse:
    """Say when to try again. htmx puts the words above the page, of which nothing is replaced."""
    response["Retry-After"] = str(error.retry_after)
    response["HX-Retarget"] = "#main"
    response["HX-Reswap"] = "afterbegin show:window:top"
    return response


def _show(request: HtmxRequest, generation: Generation) -> HttpResponse:
    """In the page at once with htmx, on a page of its own without."""
    if not request.htmx:
        return redirect("studio") if _is_job(request) else redirect(generation)
    response = _fragment(request, generation)
    if not _is_job(request):
        response["HX-Push-Url"] = generation.get_absolute_url()
    return response


def _is_job(request: HtmxRequest) -> bool:
    """Whether the soundscape is a line in a list of jobs rather than what the page is about."""
    return (request.POST or request.GET).get("as") == "job"


def _fragment(request: HtmxRequest, generation: Generation) -> HttpResponse:
    if _is_job(request):
        return render(request, "partials/job.html", {"generation": generation})
    return render(request, "partials/soundscape.html", page_of(generation))


@login_required
@require_safe
def detail(request: HtmxRequest, pk: UUID) -> HttpResponse:
    generation = generation_or_404(signed_in_user(request), pk)
    return render(request, "soundscapes/soundscape.html", page_of(generation))


@login_required
@require_safe
def status(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """The soundscape as it is now; 204 while it is as the page has it already."""
    generation = generation_or_404(signed_in_user(request), pk)
    if request.GET.get("seen") == generation.version:
        return HttpResponse(status=204)
    return _fragment(request, generation)


@login_required
@require_POST
def retry(request: HtmxRequest, pk: UUID) -> HttpResponse:
    generation = generation_or_404(signed_in_user(request), pk)
    try:
        generations.retry_generation(generation)
    except BacklogError as error:
        template = "partials/refused.html" if request.htmx else "soundscapes/refused.html"
        page = render(request, template, {"message": str(error)}, status=error.status)
        return _put_off(error, page)
    return _show(request, generation)


@login_required
@require_POST
def cancel(request: HtmxRequest, pk: UUID) -> HttpResponse:
    generation = generation_or_404(signed_in_user(request), pk)
    generations.cancel_generation(generation)
    return _show(request, generation)
