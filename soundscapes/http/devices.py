"""Known devices: browsers in which the owner of an account has signed in.

They can sign in while strangers guess the account's password. A signed cookie names the account,
and becomes invalid when the password changes.
"""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from soundscapes.models import User

COOKIE = "device"
SALT = "soundscapes.device"
LIFETIME = timedelta(days=365)


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_signal: Any) -> None:
    remember(request, user)


def remember(request: HttpRequest, user: User) -> None:
    """Make this browser a known device of the account when the response is sent."""
    request.owner_of_device = user  # type: ignore[attr-defined]


def set_cookie(request: HttpRequest, response: HttpResponse) -> None:
    user = getattr(request, "owner_of_device", None)
    if user is not None:
        value = [user.pk, secrets.token_hex(8), user.get_session_auth_hash()]
        response.set_cookie(
            COOKIE,
            signing.dumps(value, salt=SALT),
            max_age=LIFETIME,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


def known_device(request: HttpRequest, user: User) -> str | None:
    """Return the browser's id if it is a known device of the account, otherwise None."""
    cookie = request.COOKIES.get(COOKIE, "")
    try:
        key, device, proof = signing.loads(cookie, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    is_theirs = key == user.pk and constant_time_compare(proof, user.get_session_auth_hash())
    return str(device) if is_theirs else None
