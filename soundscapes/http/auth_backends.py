"""Password sign-in with limits per IP address and per account.

Counting in the backend covers every password form, including the admin's.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.utils import filter_users_by_email
from django.conf import settings
from django.http import HttpRequest

from soundscapes.http.devices import known_device
from soundscapes.limits import quotas
from soundscapes.limits.quotas import Kind
from soundscapes.models import User


class BoundedBackend(AuthenticationBackend):
    """Apply the quotas; a successful sign-in resets the account's counts, not the address's."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Raise QuotaExceededError beyond the limits, even if the password is correct."""
        tries = _tries(request, credentials.get("username") or credentials.get("email") or "")
        for kind, who in tries:
            quotas.take(kind, who)
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            for kind, who in tries:
                if kind != Kind.SIGN_IN:
                    quotas.forget(kind, who)
        return user


def _tries(request: HttpRequest | None, login: str) -> list[tuple[Kind, str]]:
    """Return the quotas that an attempt counts against, the narrowest first.

    A refused attempt does not count against the next ones. Guesses by strangers, from any number of
    addresses, never lock out a known device. Names without an account are counted in the same way,
    so that nobody learns which accounts exist.
    """
    user = _account_of(login)
    account = f"user-{user.pk}" if user else f"name-{login}"
    if request is None:
        return [(Kind.ACCOUNT, account)]
    if user and (device := known_device(request, user)):
        return [(Kind.ACCOUNT, f"{account} on {device}")]
    address = address_of(request)
    return [
        (Kind.SIGN_IN, address),
        (Kind.ACCOUNT, f"{account} from {address}"),
        (Kind.NEW_DEVICES, account),
    ]


def _account_of(login: str) -> User | None:
    """Return the account of a username or else of an email address, verified ones first."""
    user = User.objects.filter(username=login).first()
    if user is not None or "@" not in login:
        return user
    found = filter_users_by_email(login, prefer_verified=True)
    return found[0] if found else None


def address_of(request: HttpRequest) -> str:
    """Return the client's address as our outermost proxy saw it; for IPv6 its /64 network.

    One client usually has all the addresses of such a network.
    """
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if settings.PROXIES and len(seen) >= settings.PROXIES:
        return _network(seen[-settings.PROXIES])
    return _network(str(request.META.get("REMOTE_ADDR", "")))


def peer_of(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Return the address of the connection itself, whatever headers say; None if it has none."""
    try:
        address = ip_address(str(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(text: str) -> str:
    """Drop the port that some proxies add; return other text unchanged."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
