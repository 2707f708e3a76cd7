"""Sign-in by a header of a trusted proxy, such as Authelia or Authentik.

The header counts only on connections from the proxy's own addresses: everybody could send it.
"""

import logging
from contextlib import suppress
from functools import lru_cache

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, login, logout
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from soundscapes.accounts import users
from soundscapes.http.auth_backends import peer_of
from soundscapes.http.problems import is_for_programs
from soundscapes.models import User

logger = logging.getLogger(__name__)

BACKEND = "soundscapes.http.proxy_sign_in.ProxyBackend"


class ProxyBackend(ModelBackend):
    """Find or create the account of a name that the proxy has verified."""

    def authenticate(  # type: ignore[override]
        self, _request: HttpRequest | None, proxy_user: str
    ) -> User | None:
        user = users.find_or_create(proxy_user)
        return user if user and self.user_can_authenticate(user) else None


class ProxySignIn(MiddlewareMixin):
    """Sign in the user that the header names, and sign out if the header is gone or has changed.

    The API is left to its tokens, and to sessions that a page began.
    """

    def process_request(self, request: HttpRequest) -> None:
        if not settings.AUTH_HEADER or is_for_programs(request):
            return
        name = _name(request)
        user = request.user
        if user.is_authenticated and name and user.get_username() == name:
            return
        if user.is_authenticated and (name or _is_by_proxy(request)):
            logout(request)
        if name and (found := ProxyBackend().authenticate(request, name)):
            login(request, found, BACKEND)


def _is_by_proxy(request: HttpRequest) -> bool:
    return request.session.get(BACKEND_SESSION_KEY) == BACKEND


def _name(request: HttpRequest) -> str:
    """Return the name in the header, or an empty string unless the proxy sent it."""
    name = _decoded(request.headers.get(settings.AUTH_HEADER, "")).strip()
    peer = peer_of(request)  # never a header
    is_trusted = peer and any(peer in network for network in settings.AUTH_HEADER_FROM)
    if not name or is_trusted:
        return name
    _warn_once(str(request.META.get("REMOTE_ADDR", "")))
    return ""


def _decoded(header: str) -> str:
    """Return a header, which WSGI reads as Latin-1, as the UTF-8 that it is, normalised."""
    with suppress(UnicodeError):
        header = header.encode("latin-1").decode()
    return User.normalize_username(header)


@lru_cache(maxsize=1000)
def _warn_once(address: str) -> None:
    logger.warning(
        "Ignored the header %s from %s, which SOUNDSCAPES_AUTH_HEADER_FROM does not name",
        settings.AUTH_HEADER,
        address,
    )
