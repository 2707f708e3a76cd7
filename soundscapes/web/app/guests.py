"""Making one soundscape without an account, if the administrator allows it."""

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from soundscapes.accounts import guests
from soundscapes.engine.errors import PhotoError
from soundscapes.generations import generations
from soundscapes.http import errors
from soundscapes.http.auth_backends import address_of
from soundscapes.http.uploads import PhotoForm, photo_bytes
from soundscapes.limits.errors import LimitError
from soundscapes.models import Generation


@require_POST
def guest(request: HttpRequest) -> HttpResponse:
    """Create a guest with a soundscape of the uploaded image, and sign them in for its hour."""
    if request.user.is_authenticated or not settings.GUESTS:
        return redirect("studio")
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        return errors.refused(request, *form.refusal())
    try:
        generation = _make(request, form)
    except PhotoError as error:
        return errors.refused(request, str(error), error.status)
    login(request, generation.owner, settings.AUTHENTICATION_BACKENDS[0])
    request.session.set_expiry(guests.LIFETIME)
    return redirect(generation)


def _make(request: HttpRequest, form: PhotoForm) -> Generation:
    """Raises LimitError or PhotoError, and leaves no guest behind."""
    visitor = guests.admit(address_of(request))
    try:
        with photo_bytes(form.cleaned_data["image"]) as data:
            return generations.create_of_photo(visitor, data)
    except (LimitError, PhotoError):
        guests.dismiss(visitor)
        raise
