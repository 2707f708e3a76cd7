"""Request quotas of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from soundscapes.limits import quotas
from soundscapes.models import User

if TYPE_CHECKING:
    from rest_framework.views import APIView


class QuotaThrottle(BaseThrottle):
    """Count every request. Services charge for work separately."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        if isinstance(request.user, User):
            quotas.charge(request.user, quotas.Kind.READ)
        return True
