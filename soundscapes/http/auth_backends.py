"""Signing in with a password: so many tries at one account, and from one address, and then a pause.

It is counted where Django compares passwords, so every page that asks for one is covered: the
site's, the admin's, and those to come.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from soundscapes.limits import quotas
from soundscapes.models import User


class BoundedBackend(ModelBackend):
    """Django's, within quotas. Signing in forgets the tries at the account, not the address's."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """Raises QuotaExceededError beyond them, be the password right or wrong."""
        account = _account(username or "")
        if request is not None:
            quotas.take(quotas.Kind.SIGN_IN, address_of(request))
        quotas.take(quotas.Kind.ACCOUNT, account)
        user = super().authenticate(request, username, password, **credentials)
        if user is not None:
            quotas.forget(quotas.Kind.ACCOUNT, account)
        return user


def address_of(request: HttpRequest) -> str:
    """The client's, as the outermost of our own proxies saw it."""
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if settings.PROXIES and len(seen) >= settings.PROXIES:
        return seen[-settings.PROXIES]
    return str(request.META.get("REMOTE_ADDR", ""))


def _account(username: str) -> str:
    """Whether there is one or not, and whatever is typed: a key that every cache takes."""
    return hashlib.sha256(username.casefold().encode("utf-8", "replace")).hexdigest()
