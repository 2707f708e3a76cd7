"""Sign-up, the account page, and API tokens."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from soundscapes.accounts import guests, users
from soundscapes.http.access import next_page, signed_in_user, token_or_404
from soundscapes.http.auth_backends import address_of
from soundscapes.http.errors import put_off
from soundscapes.limits.quotas import QuotaExceededError
from soundscapes.models import Export, User
from soundscapes.web.forms import EmailForm, SignUpForm, TokenForm
from soundscapes.web.limits import limits_of, unfinished_jobs

SHOWN_ONCE = "shown_once"  # key of a new token in the session, until the page has shown it


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    wanted = next_page(request)
    guest = request.user if request.user.is_authenticated else None
    if guest is not None and not guest.guest_until:
        return redirect(wanted or "studio")
    form = SignUpForm(request.POST or None)
    context = {"form": form, "next": wanted}
    if request.method == "POST" and form.is_valid():
        try:
            user = _sign_up(request, guest, form.account())
        except QuotaExceededError as error:
            form.add_error(None, str(error))
            page = render(request, "accounts/sign_up.html", context, status=error.status)
            return put_off(error, page)
        except IntegrityError:  # another sign-up took the name after validation
            form.validate_unique()
        else:
            login(request, user)
            request.session.set_expiry(None)  # a guest's ends within the hour
            return redirect(wanted or "studio")
    return render(request, "accounts/sign_up.html", context)


def _sign_up(request: HttpRequest, guest: User | None, account: dict[str, str]) -> User:
    """Create an account, or give a guest's one a name. Raises as `users.sign_up` does."""
    if guest is None:
        return users.sign_up(**account, address=address_of(request))
    guests.take_over(guest, **account)
    return guest


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show limits, tokens and the export. A new token's secret is shown once."""
    user = signed_in_user(request)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _token, secret = users.create_token(user, **form.options())
        except users.TooManyTokensError as error:
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
@require_http_methods(["GET", "HEAD", "POST"])
def change_email(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    form = EmailForm(user, request.POST or None, initial={"email": user.email})
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        users.change_email(user, email)
        saved = f"Your email address is now {email}." if email else "Email address removed."
        messages.success(request, saved)
        return redirect("account")
    return render(request, "accounts/email.html", {"form": form})


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_key: str) -> HttpResponse:
    users.revoke_token(token_or_404(signed_in_user(request), token_key))
    return redirect("account")
