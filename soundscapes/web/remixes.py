"""Mixer: changing layers and saving them as a remix."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from soundscapes.engine.layer_choices import LayerChoice
from soundscapes.generations import remixes
from soundscapes.http.access import HtmxRequest, generation_or_404, playable_or_404, signed_in_user
from soundscapes.http.errors import put_off, refused
from soundscapes.limits.errors import LimitError
from soundscapes.models import Category, Generation
from soundscapes.models.generations import MAX_LAYERS
from soundscapes.web.forms import LayerForm, RemixForm, layer_forms
from soundscapes.web.mixer import mixer_of, page_of


@login_required
@require_POST
def create_remix(request: HtmxRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    parent = playable_or_404(user, pk)
    forms, naming = layer_forms(request.POST), RemixForm(request.POST)
    if not naming.is_valid():
        return _refused(request, parent, forms, f"Name: {naming.errors['remix_name'][0]}")
    if any(not form.is_valid() for form in forms):
        return _refused(request, parent, forms, _first_error(forms))
    choices, name = [form.choice() for form in forms], naming.cleaned_data["remix_name"]
    try:
        remix = remixes.create_remix(user, parent, choices, name)
    except remixes.RemixError as error:
        return _refused(request, parent, forms, str(error))
    except LimitError as error:
        return put_off(error, _refused(request, parent, forms, str(error), error.status))
    if request.htmx:
        return render(request, "partials/saving.html", {"remix": remix})
    return redirect(remix)


@login_required
@require_safe
def saving(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Follow a remix on the page of its parent, and replace that page when the remix can play."""
    remix = generation_or_404(signed_in_user(request), pk)
    if remix.is_playable:
        return _saved(request, remix)
    if request.GET.get("seen") == remix.version:
        return HttpResponse(status=204)
    return render(request, "partials/saving.html", {"remix": remix})


def _saved(request: HttpRequest, remix: Generation) -> HttpResponse:
    context = page_of(remix, continues=remix.parent_id)
    response = render(request, "partials/soundscape.html", context)
    response["HX-Retarget"] = "closest .soundscape"
    response["HX-Reswap"] = "outerHTML"
    response["HX-Push-Url"] = remix.get_absolute_url()
    return response


def _first_error(forms: list[LayerForm]) -> str:
    errors = (
        f"Layer {form.place}, {form.fields[name].label}: {errors[0]}"
        for form in forms
        for name, errors in form.errors.items()
    )
    return next(errors)


def _refused(
    request: HtmxRequest,
    parent: Generation,
    forms: list[LayerForm],
    message: str,
    status: int = 400,
) -> HttpResponse:
    if request.htmx:
        return refused(request, message, status)
    form_values = [form.choice() for form in forms if form.is_valid()]
    mixer = mixer_of(parent, form_values or None)
    context = page_of(parent, mixer=mixer, remix_error=message)
    return render(request, "soundscapes/soundscape.html", context, status=status)


@login_required
@require_safe
def layer_row(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return a mixer row for the chosen or the next best category.

    The query contains the other rows, so that no category is offered twice.
    """
    user = signed_in_user(request)
    generation = playable_or_404(user, pk)
    place = _place(request.GET)
    if not place:
        return HttpResponse(status=204)
    chosen = request.GET.get(f"place-{place}-category", "")
    rejected = request.GET.get(f"place-{place}-rejected", "").split()
    if "next" in request.GET:
        rejected += [chosen] if chosen else []
        category = remixes.next_best(generation, {*rejected, *_taken(request.GET)})
    else:
        category = get_object_or_404(Category.everything.usable_by(user), slug=chosen)
    if category is None:
        return HttpResponse(status=204)
    chosen_layer = generation.choice_of(place, category.slug)
    mixer = mixer_of(generation, _with(chosen_layer, request))
    row = next(row for row in mixer.rows if row.place == place)
    row.rejected = " ".join(rejected)
    context = page_of(generation, mixer=mixer, row=row)
    return render(request, "partials/replaced_layer.html", context)


def _with(chosen: LayerChoice, request: HttpRequest) -> list[LayerChoice]:
    """Return the query's layers with `chosen` in its place."""
    forms = (form for form in layer_forms(request.GET) if form.is_valid())
    others = [form.choice() for form in forms if form.place != chosen.place]
    return sorted([*others, chosen], key=lambda choice: choice.place)


def _place(query: QueryDict) -> int:
    """Return the place that the query names, else the first free one, else 0."""
    places = range(1, MAX_LAYERS + 1)
    if named := query.get("place"):
        return int(named) if named in map(str, places) else 0
    return next((place for place in places if not query.get(f"place-{place}-category")), 0)


def _taken(query: QueryDict) -> list[str]:
    return [str(form["category"].value()) for form in layer_forms(query)]
