"""Recordings, export and deletion of an account."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO, cast
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from soundscapes.accounts import deletion, exports
from soundscapes.http.access import HtmxRequest, recording_or_404, signed_in_user
from soundscapes.http.policy import allow_microphone
from soundscapes.limits import storage
from soundscapes.limits.errors import LimitError
from soundscapes.models import Clip, Export, User
from soundscapes.sounds import own_recordings
from soundscapes.sounds.clips import ClipError
from soundscapes.web.forms import RecordingForm, RecordingNameForm

MICROPHONE_SECONDS = 300
"""The longest recording in the page. Longer ones are uploaded."""


@login_required
@require_POST
def create_export(request: HtmxRequest) -> HttpResponse:
    user = signed_in_user(request)
    try:
        exports.request_export(user)
    except LimitError as error:
        return _show_export(request, user, refused=str(error), status=error.status)
    return _show_export(request, user)


@login_required
@require_POST
def delete_export(request: HtmxRequest) -> HttpResponse:
    user = signed_in_user(request)
    exports.delete_export(user)
    return _show_export(request, user)


@login_required
@never_cache
@require_safe
def export_status(request: HtmxRequest) -> HttpResponse:
    return _show_export(request, signed_in_user(request))


def _show_export(
    request: HtmxRequest, user: User, refused: str = "", status: int = 200
) -> HttpResponse:
    """Return a fragment to htmx; otherwise redirect to the account page or show the error."""
    if not request.htmx and not refused:
        return redirect("account")
    if not request.htmx:
        return render(request, "soundscapes/refused.html", {"message": refused}, status=status)
    context = {"export": Export.objects.of(user).first(), "refused": refused}
    return render(request, "partials/export.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)
def delete_account(request: HttpRequest) -> HttpResponse:
    """Show what would be deleted; delete the account after a new proof that it is theirs."""
    user = signed_in_user(request)
    refused = ""
    if request.method == "POST":
        try:
            deletion.leave(user)
        except deletion.LastAdministratorError as error:
            refused = str(error)
        else:
            logout(request)
            messages.success(request, "Your account was deleted. Files are removed within minutes.")
            return redirect("studio")
    mine = deletion.account_data(user)
    size = storage.in_words(mine.size)
    context = {"mine": mine, "size": size, "refused": refused}
    status = 409 if refused else 200
    return render(request, "accounts/delete.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recordings(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    form = RecordingForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = _add(user, form)
        if status == 201:
            messages.success(request, "Recording added.")
            return redirect("recordings")
    return _show_recordings(request, form, status=status)


def _show_recordings(
    request: HttpRequest,
    form: RecordingForm,
    edited: Mapping[UUID, RecordingNameForm] = MappingProxyType({}),
    status: int = 200,
) -> HttpResponse:
    user = signed_in_user(request)
    mine = Clip.objects.owned_by(user).select_related("category").order_by("title")
    context = {
        "form": form,
        "recordings": [(clip, edited.get(clip.pk) or RecordingNameForm.of(clip)) for clip in mine],
        "size": sum(clip.size for clip in mine),
        "seconds": MICROPHONE_SECONDS,
    }
    response = render(request, "soundscapes/recordings.html", context, status=status)
    allow_microphone(response)
    return response


def _add(user: User, form: RecordingForm) -> int:
    """Return 201, or the status of the form with its errors."""
    if not form.is_valid():
        return 413 if form.has_error("recording", "too_large") else 200
    values = form.cleaned_data
    upload = cast(BinaryIO, values.pop("recording").file)
    try:
        own_recordings.add_recording(user, upload, **values)
    except (ClipError, own_recordings.OwnRecordingError) as error:
        form.add_error("recording", str(error))
        return 200
    except LimitError as error:
        form.add_error(None, str(error))
        return error.status
    return 201


@login_required
@require_POST
def edit_recording(request: HttpRequest, pk: UUID) -> HttpResponse:
    clip = recording_or_404(signed_in_user(request), pk)
    form = RecordingNameForm(request.POST, auto_id=f"id_{pk}_%s")
    if not form.is_valid():
        return _show_recordings(request, RecordingForm(), edited={pk: form})
    own_recordings.edit_recording(clip, **form.cleaned_data)
    messages.success(request, "Recording changed.")
    return redirect("recordings")


@login_required
@require_POST
def prefer_recording(request: HttpRequest, pk: UUID) -> HttpResponse:
    clip = recording_or_404(signed_in_user(request), pk)
    own_recordings.prefer(clip, is_preferred="is_preferred" in request.POST)
    return redirect("recordings")


@login_required
@require_POST
def delete_recording(request: HttpRequest, pk: UUID) -> HttpResponse:
    clip = recording_or_404(signed_in_user(request), pk)
    if own_recordings.delete_recording(clip):
        messages.success(request, "Recording deleted.")
    else:
        said = "Soundscapes need this recording. It is kept for them, but offered no longer."
        messages.warning(request, said)
    return redirect("recordings")
