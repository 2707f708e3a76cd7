"""Creating, following, playing and listing soundscapes."""

from time import monotonic
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from soundscapes.engine.errors import NoImagesError, PhotoError
from soundscapes.generations import generations
from soundscapes.http.access import (
    HtmxRequest,
    generation_or_404,
    image_or_404,
    playable_or_404,
    signed_in_user,
)
from soundscapes.http.errors import put_off
from soundscapes.http.playing import clip_response, part_response
from soundscapes.http.uploads import PhotoForm, photo_bytes
from soundscapes.http.waiting import wait_until
from soundscapes.images import images
from soundscapes.limits.errors import LimitError
from soundscapes.models import Generation, Image, State
from soundscapes.web.forms import OptionsForm
from soundscapes.web.mixer import licence_of, page_of
from soundscapes.web.studio import OPTIONS, OPTIONS_KEPT, studio_context

CHANGE = 2.0  # seconds that a page waits for news before it asks again
SOON = 0.6  # seconds in which a soundscape is usually ready: steps in between are not shown
LISTS_CHANGED = "lists-changed"  # event of a finished soundscape, which refreshes the latest ones


@login_required
@require_POST
def create(request: HtmxRequest) -> HttpResponse:
    form, options = PhotoForm(request.POST, request.FILES), OptionsForm(request.POST)
    if not form.is_valid():
        return _refused(request, options, *form.refusal())
    if not options.is_valid():
        return _refused_options(request, options)
    upload = form.cleaned_data["image"]
    user, title = signed_in_user(request), _title(upload.name)
    try:
        with photo_bytes(upload) as data:
            generation = generations.create_of_photo(user, data, title, **options.chosen())
    except PhotoError as error:
        return _refused(request, options, str(error), error.status)
    except LimitError as error:
        return put_off(error, _refused(request, options, str(error), error.status))
    return _created(request, generation, options)


@login_required
@require_POST
def create_random(request: HtmxRequest) -> HttpResponse:
    options = OptionsForm(request.POST)
    if not options.is_valid():
        return _refused_options(request, options)
    try:
        image = images.random_image(signed_in_user(request), request.POST.get("other_than"))
    except NoImagesError as error:
        return _refused(request, options, str(error), 503)
    return _make(request, image, options)


@login_required
@require_POST
def create_from(request: HtmxRequest, pk: UUID) -> HttpResponse:
    image = image_or_404(signed_in_user(request), pk)
    options = OptionsForm(request.POST)
    if not options.is_valid():
        return _refused_options(request, options)
    return _make(request, image, options)


def _title(filename: str) -> str:
    """Turn a file name into a title: "holiday_2.jpg" becomes "holiday 2"."""
    stem = filename.rpartition(".")[0] or filename
    return " ".join(stem.replace("_", " ").split())


def _make(request: HtmxRequest, image: Image, options: OptionsForm) -> HttpResponse:
    user = signed_in_user(request)
    try:
        generation = generations.create_generation(user, image, **options.chosen())
    except LimitError as error:
        return put_off(error, _refused(request, options, str(error), error.status))
    return _created(request, generation, options)


def _created(request: HtmxRequest, generation: Generation, options: OptionsForm) -> HttpResponse:
    """Show a new soundscape, and let the browser remember its options for the next one."""
    response = _show(request, generation)
    kept = options.to_remember()
    response.set_cookie(OPTIONS, kept, OPTIONS_KEPT, samesite="Lax", httponly=True)
    return response


def _refused_options(request: HtmxRequest, options: OptionsForm) -> HttpResponse:
    field, errors = next(iter(options.errors.items()))
    return _refused(request, options, f"{options.fields[field].label}: {errors[0]}", 400)


def _refused(request: HtmxRequest, options: OptionsForm, message: str, status: int) -> HttpResponse:
    if request.htmx:
        response = render(request, "partials/refused.html", {"message": message}, status=status)
        if request.htmx.target != "result":  # keep the soundscape and show the error above it
            response["HX-Reswap"] = "beforebegin"
        return response
    context = studio_context(signed_in_user(request), options) | {"message": message}
    return render(request, "soundscapes/studio.html", context, status=status)


def _show(request: HtmxRequest, generation: Generation) -> HttpResponse:
    """Return a fragment to htmx; otherwise redirect to the page."""
    if not request.htmx:
        return redirect("studio") if _is_job(request) else redirect(generation)
    response = _fragment(request, generation)
    if not _is_job(request):
        response["HX-Push-Url"] = generation.get_absolute_url()
    return response


def _is_job(request: HtmxRequest) -> bool:
    """Return whether the request comes from a line in the list of jobs."""
    return (request.POST or request.GET).get("as") == "job"


def _fragment(
    request: HtmxRequest, generation: Generation, *, refused: str = "", status: int = 200
) -> HttpResponse:
    if _is_job(request):
        context = {"generation": generation, "refused": refused}
        response = render(request, "partials/job.html", context, status=status)
    else:
        context = page_of(generation, refused=refused) | {"is_fresh": True}
        response = render(request, "partials/soundscape.html", context, status=status)
    return trigger_client_event(response, LISTS_CHANGED) if generation.is_final else response


@login_required
@require_safe
def detail(request: HtmxRequest, pk: UUID) -> HttpResponse:
    generation = generation_or_404(signed_in_user(request), pk)
    return render(request, "soundscapes/soundscape.html", page_of(generation))


@login_required
@require_safe
def status(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Return the current state, or status 204 if the page stays up to date for a moment."""
    generation = generation_or_404(signed_in_user(request), pk)
    seen = request.GET.get("seen", "")
    if not _is_job(request) and not generation.is_final:
        _wait_for_news(generation, seen)
        generation = generation_or_404(signed_in_user(request), pk)
    if seen == generation.version:
        return HttpResponse(status=204)
    if request.GET.get("as") == "facts":
        return _facts(request, generation)
    return _fragment(request, generation)


def _facts(request: HtmxRequest, generation: Generation) -> HttpResponse:
    """Show downloads and waveform in a page that plays already, or all again after a failure."""
    if generation.state == State.READY:
        context = {"generation": generation, "licence": licence_of(generation)}
        response = render(request, "partials/made.html", context)
        return trigger_client_event(response, LISTS_CHANGED)
    response = _fragment(request, generation)
    response["HX-Retarget"] = "closest .soundscape"
    return response


def _wait_for_news(generation: Generation, seen: str) -> None:
    """Wait until a page must change: when it can play, at the end, or at a step that takes long."""
    facts = ("state", "attempts", "progress", "gain_db")
    mine = Generation.objects.filter(pk=generation.pk).only(*facts)
    soon = monotonic() + SOON

    def is_new() -> bool:
        now = mine.first()
        if now is None or now.is_final:
            return True
        return now.version != seen and (now.is_playable or monotonic() > soon)

    wait_until(is_new, min(CHANGE, settings.API_WAIT_SECONDS))


@login_required
@require_safe
def part(request: HtmxRequest, pk: UUID, number: int) -> HttpResponse:
    return part_response(playable_or_404(signed_in_user(request), pk), number)


@login_required
@require_safe
def part_clip(request: HtmxRequest, pk: UUID, place: int, checksum: str) -> HttpResponse:
    generation = playable_or_404(signed_in_user(request), pk)
    return clip_response(request, generation, place, checksum)


@login_required
@require_POST
def retry(request: HtmxRequest, pk: UUID) -> HttpResponse:
    generation = generation_or_404(signed_in_user(request), pk)
    try:
        generations.retry_generation(generation)
    except LimitError as error:
        return put_off(error, _not_again(request, generation, error))
    return _show(request, generation)


def _not_again(request: HtmxRequest, generation: Generation, error: LimitError) -> HttpResponse:
    if request.htmx:
        return _fragment(request, generation, refused=str(error), status=error.status)
    context = page_of(generation, refused=str(error))
    return render(request, "soundscapes/soundscape.html", context, status=error.status)


@login_required
@require_POST
def cancel(request: HtmxRequest, pk: UUID) -> HttpResponse:
    generation = generation_or_404(signed_in_user(request), pk)
    generations.cancel_generation(generation)
    return _show(request, generation)
