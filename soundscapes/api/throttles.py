"""Quotas at the door of the API: 429 with `Retry-After`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from soundscapes.models import User
from soundscapes.services import quotas

if TYPE_CHECKING:
    from rest_framework.views import APIView


class QuotaExceeded(Throttled):
    """429, in the words of the service."""

    def __init__(self, error: quotas.QuotaExceededError) -> None:
        super().__init__(wait=error.retry_after)
        self.detail = str(error)  # type: ignore[assignment]


class QuotaThrottle(BaseThrottle):
    """Counts a request as reading, or as what its view says: `quotas = {"POST": Kind.UPLOAD}`."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        if isinstance(request.user, User):
            chosen: dict[str, quotas.Kind] = getattr(view, "quotas", {})
            charge(request.user, chosen.get(request.method or "", quotas.Kind.READ))
        return True


def charge(user: User, kind: quotas.Kind) -> None:
    """Count one request of a user, or answer 429."""
    try:
        quotas.take(kind, quotas.user_key(user))
    except quotas.QuotaExceededError as error:
        raise QuotaExceeded(error) from error
