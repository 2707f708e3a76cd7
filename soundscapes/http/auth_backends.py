"""Password sign-in with limits per account and per address.

Counting in the backend covers every password form, the admin's included.
"""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from soundscapes.limits import quotas
from soundscapes.models import User


class BoundedBackend(ModelBackend):
    """Apply the quotas; a sign-in resets the account's count, not the address's."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """Raise QuotaExceededError beyond the limits, whether or not the password is right."""
        account = _account(username or "")
        if request is not None:
            quotas.take(quotas.Kind.SIGN_IN, address_of(request))
        quotas.take(quotas.Kind.ACCOUNT, account)
        user = super().authenticate(request, username, password, **credentials)
        if user is not None:
            quotas.forget(quotas.Kind.ACCOUNT, account)
        return user


def address_of(request: HttpRequest) -> str:
    """Return the client's address as our outermost proxy saw it."""
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if settings.PROXIES and len(seen) >= settings.PROXIES:
        return seen[-settings.PROXIES]
    return str(request.META.get("REMOTE_ADDR", ""))


def _account(username: str) -> str:
    """Return a valid cache key for any name typed, existing or not."""
    return hashlib.sha256(username.casefold().encode("utf-8", "replace")).hexdigest()
