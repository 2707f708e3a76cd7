"""Token authentication."""

from django.http import HttpRequest
from django.utils import timezone
from knox.crypto import hash_token
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from soundscapes.accounts import users
from soundscapes.http.auth_backends import address_of
from soundscapes.limits import quotas
from soundscapes.models import ApiToken, User

SCHEMES = (b"bearer", b"token")
CHALLENGE = 'Bearer realm="Soundscapes", Token realm="Soundscapes"'


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer …` (RFC 6750) or `Token …`, looked up by digest in one query."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, *rest = get_authorization_header(request).split() or [b""]
        if scheme.lower() not in SCHEMES:
            return None
        if len(rest) != 1 or not rest[0].isalnum():
            raise AuthenticationFailed("Malformed token. Send `Authorization: Bearer <token>`.")
        found = ApiToken.objects.filter(digest=hash_token(rest[0].decode("ascii")))
        token = found.select_related("user").first()
        if token is None or not token.user.is_active:
            _count_guess(request)
            raise AuthenticationFailed("Unknown or revoked token. Create one on your account page.")
        if token.expiry is not None and token.expiry <= timezone.now():
            raise AuthenticationFailed("The token has expired. Create one on your account page.")
        users.note_use(token)
        return token.user, token

    def authenticate_header(self, request: HttpRequest | Request) -> str:
        return CHALLENGE


def _count_guess(request: Request) -> None:
    """Count an unknown token. Raise QuotaExceededError after too many from one IP address."""
    quotas.take(quotas.Kind.SIGN_IN, f"tokens-{address_of(request._request)}")
