"""Permissions of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from soundscapes.http.problems import INSUFFICIENT_SCOPE
from soundscapes.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView


class InsufficientScopeError(PermissionDenied):
    """Status 403, with the challenge of RFC 6750, section 3.1."""

    problem_type = INSUFFICIENT_SCOPE
    auth_header = 'Bearer realm="Soundscapes", error="insufficient_scope", scope="write"'

    def __init__(self) -> None:
        super().__init__("The token is read-only. Create one with the scope “write”.")


class TokenScope(BasePermission):
    """Restrict read-only tokens. Sessions have no scope.

    Views whose GET changes data set `get_changes_things = True`.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method not in SAFE_METHODS or getattr(view, "get_changes_things", False):
            require_write_scope(request)
        return True


def require_write_scope(request: Request) -> None:
    """Raise InsufficientScopeError for a read-only token."""
    token = request.auth
    if isinstance(token, ApiToken) and token.scope != ApiToken.Scope.WRITE:
        raise InsufficientScopeError
