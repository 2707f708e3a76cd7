"""The account page, and API tokens."""

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from soundscapes.accounts import users
from soundscapes.http.access import signed_in_user, token_or_404
from soundscapes.limits.grants import TooManyError
from soundscapes.models import Export
from soundscapes.web.forms import TokenForm
from soundscapes.web.limits import limits_of, unfinished_jobs

SHOWN_ONCE = "shown_once"  # key of a new token in the session, until the page has shown it


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)
def account(request: HttpRequest) -> HttpResponse:
    """Show limits, tokens and the export. A new token's secret is shown once."""
    user = signed_in_user(request)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _token, secret = users.create_token(user, **form.options())
        except TooManyError as error:
            form.add_error(None, str(error))
        else:
            request.session[SHOWN_ONCE] = secret
            return redirect(f"{reverse('account')}#tokens-heading")
    context = {
        "form": form,
        "secret": request.session.pop(SHOWN_ONCE, None),
        "tokens": user.auth_token_set.all(),
        "now": timezone.now(),
        "limits": [*limits_of(user), unfinished_jobs(user)],
        "export": Export.objects.of(user).first(),
    }
    return render(request, "soundscapes/account.html", context)


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_key: str) -> HttpResponse:
    users.revoke_token(token_or_404(signed_in_user(request), token_key=token_key))
    return redirect("account")
