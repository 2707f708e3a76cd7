"""Signing up, and the keys of one's programs."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from soundscapes.forms import SignUpForm, TokenForm
from soundscapes.services import users
from soundscapes.views.access import next_page, signed_in_user, token_or_404


class PasswordChangeView(SuccessMessageMixin[PasswordChangeForm], auth.PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("account")
    success_message = "Your password has been changed."


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    wanted = next_page(request)
    if request.user.is_authenticated:
        return redirect(wanted or "studio")
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, users.sign_up(form))
        return redirect(wanted or "studio")
    return render(request, "accounts/sign_up.html", {"form": form, "next": wanted})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Password and keys; a new key's secret is in the answer to its making, and nowhere else."""
    user = signed_in_user(request)
    form = TokenForm(request.POST or None)
    secret = None
    if request.method == "POST" and form.is_valid():
        _token, secret = users.create_token(user, **form.recipe())
        form = TokenForm()
    context = {"form": form, "secret": secret, "tokens": user.auth_token_set.all()}
    return render(request, "soundscapes/account.html", context)


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_key: str) -> HttpResponse:
    users.revoke_token(token_or_404(signed_in_user(request), token_key))
    return redirect("account")
