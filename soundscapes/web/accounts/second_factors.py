"""Passkeys, security keys and codes, in the product's words."""

from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm

from soundscapes.models import User


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "The code or key was not accepted. Enter the newest code, or use "
        "another key.",
        "unverified_email": "Verify your email address first, or remove it.",
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """Return a name for a new key, which its owner can change."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Key {count + 1}"


class KeyForm(AddWebAuthnForm):
    """Offer a passkey first, as the pages around it do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        passwordless.label = "Sign in with this key alone"
        passwordless.help_text = (
            "Needs a device that asks for your fingerprint, face or PIN. Otherwise, the key is "
            "asked for after your password."
        )
