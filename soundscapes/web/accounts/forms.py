"""Forms of accounts, on the base of allauth's."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.http import HttpRequest

from soundscapes.accounts import users
from soundscapes.models import User

NO_EMAIL = "Without one, you cannot reset a forgotten password."
ADDRESS = "Email address"


def without_placeholders(form: forms.Form, **labels: str) -> None:
    """Name fields by their labels alone, which stay visible while one types."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = labels.get(name, field.label)


class SignInForm(allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without_placeholders(self, login="Username or email address")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""


class SignUpForm(allauth.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_required = self.fields["email"].required
        label = ADDRESS if is_required else f"{ADDRESS} (optional)"
        again = "Password confirmation"
        without_placeholders(self, email=label, password1="Password", password2=again)
        if not is_required:
            self.fields["email"].help_text = f"Used only for your account. {NO_EMAIL}"


class ResetForm(allauth.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without_placeholders(self, email=ADDRESS)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email

    def save(self, request: HttpRequest, **_options: Any) -> str:
        """Leave the lookup to the worker, so that timing reveals nothing."""
        email: str = self.cleaned_data["email"]
        users.request_password_reset(email, request.build_absolute_uri("/"))
        return email


class _RevokesTokens(forms.Form):
    """Offer to end what works without the password, which the adapter does."""

    ends_tokens = forms.BooleanField(
        label="Revoke all API tokens, podcast feeds and streams, and switch off webhooks",
        required=False,
        initial=True,
        help_text="Programs need a new token, and players a new feed or stream. You can switch "
        "webhooks on again.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"password1": "New password", "password2": "Password confirmation"}
        without_placeholders(self, oldpassword="Current password", **labels)
        if "oldpassword" in self.fields:
            self.fields["oldpassword"].help_text = ""


class NewPasswordForm(_RevokesTokens, allauth.ResetPasswordKeyForm):
    field_order = ("password1", "password2", "ends_tokens")


class ChangePasswordForm(_RevokesTokens, allauth.ChangePasswordForm):
    field_order = ("oldpassword", "password1", "password2", "ends_tokens")


class FirstAdministratorForm(UserCreationForm[User]):
    code = forms.CharField(
        label="One-time code",
        max_length=40,
        help_text="The server printed it when it started.",
        widget=forms.TextInput({"autocomplete": "one-time-code"}),
    )
    field_order = ("code", "username", "password1", "password2")

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["username"].widget.attrs["autofocus"]  # of a form that begins with it
        self.fields["code"].widget.attrs["autofocus"] = True

    def account(self) -> dict[str, str]:
        fields = self.cleaned_data
        return {
            "code": fields["code"],
            "username": fields["username"],
            "password": fields["password1"],
        }
