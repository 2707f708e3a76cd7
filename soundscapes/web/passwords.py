"""Sign-in, and changing or resetting a password."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.forms import PasswordChangeForm, PasswordResetForm, SetPasswordForm
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy

from soundscapes.accounts import users
from soundscapes.http import devices
from soundscapes.models import User
from soundscapes.web.forms import ChangePasswordForm, NewPasswordForm, ResetForm

CONSOLE = "django.core.mail.backends.console.EmailBackend"


class SignInView(auth.LoginView):
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True


class PasswordChangeView(SuccessMessageMixin[PasswordChangeForm], auth.PasswordChangeView):
    template_name = "accounts/password.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("account")
    success_message = "Your password has been changed."

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        _renew(self.request, form)
        return response


class PasswordResetView(auth.PasswordResetView):
    """Respond identically to every email address; the worker looks up the account."""

    template_name = "accounts/reset.html"
    form_class = ResetForm

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        request = self.request
        email = form.cleaned_data["email"]
        users.request_password_reset(email, request.get_host(), request.is_secure())
        return redirect("password_reset_done")


class PasswordResetDoneView(auth.PasswordResetDoneView):
    template_name = "accounts/reset_sent.html"
    extra_context = {
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
        "has_no_mail_server": settings.EMAIL_BACKEND == CONSOLE,
    }


class PasswordResetConfirmView(
    SuccessMessageMixin[SetPasswordForm],  # type: ignore[type-arg]  # is not generic at run time
    auth.PasswordResetConfirmView,
):
    template_name = "accounts/reset_confirm.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("login")
    success_message = "Your password has been changed. Sign in with the new one."

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        response = super().form_valid(form)
        _renew(self.request, form)
        return response


def _renew(request: HttpRequest, form: SetPasswordForm[User]) -> None:
    """Revoke API tokens if requested, and remember this device under the new password."""
    if form.cleaned_data["ends_tokens"]:
        users.end_tokens(form.user)
    devices.remember(request, form.user)
