"""The pages for signing in and up, which guests may use although they are signed in."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

ENTRANCE = {
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


class GuestsAtTheEntrance(MiddlewareMixin):
    """There, a guest is nobody, and known as `request.guest` to AccountAdapter."""

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        match = request.resolver_match
        is_entrance = match is not None and match.url_name in ENTRANCE
        if is_entrance and request.user.is_authenticated and request.user.guest_until:
            request.guest = request.user  # type: ignore[attr-defined]
            request.user = AnonymousUser()
