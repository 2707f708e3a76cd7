"""Sign-in and sign-up by guests, who are signed in already."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

SIGN_IN_PAGES = {
    "account_login",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_signup",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "single_sign_on",
    "single_sign_on_answer",
    "socialaccount_signup",
}


class GuestSignIn(MiddlewareMixin):
    """Treat guests as anonymous on these pages; AccountAdapter reads `request.guest`."""

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        match = request.resolver_match
        is_sign_in = match is not None and match.url_name in SIGN_IN_PAGES
        if is_sign_in and request.user.is_authenticated and request.user.guest_until:
            request.guest = request.user  # type: ignore[attr-defined]
            request.user = AnonymousUser()
