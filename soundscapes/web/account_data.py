"""Export and deletion of an account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from soundscapes.accounts import deletion, exports
from soundscapes.http.access import HtmxRequest, signed_in_user
from soundscapes.limits import storage
from soundscapes.limits.errors import LimitError
from soundscapes.models import Export, User
from soundscapes.web.forms import PasswordForm


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
def delete_account(request: HttpRequest) -> HttpResponse:
    """Show what would be deleted; delete the account once the password is confirmed."""
    user = signed_in_user(request)
    form = PasswordForm(user, request.POST or None)
    refused = ""
    if request.method == "POST" and form.is_valid():
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
    context = {"form": form, "mine": mine, "size": size, "refused": refused}
    status = 409 if refused else 200
    return render(request, "accounts/delete.html", context, status=status)
