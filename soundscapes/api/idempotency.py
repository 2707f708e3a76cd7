"""The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header)."""

import re
from collections.abc import Callable
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from soundscapes.http.access import signed_in_user
from soundscapes.limits import idempotency
from soundscapes.models import IdempotencyRecord

RETRY_AFTER = "2"  # seconds
HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,255}")  # visible ASCII


def once(request: Request, asked: Any, work: Callable[[], Response]) -> Response:
    """Return the response of `work`, or the stored one of an identical request with this key."""
    key = request.headers.get(HEADER)
    if key is None:
        return work()
    if not KEY.fullmatch(key):
        raise ParseError(f"{HEADER} must be 1 to 255 visible ASCII characters.")

    def remember(answer: IdempotencyRecord) -> None:
        response = work()
        answer.status, answer.body = response.status_code, response.data
        answer.location = response.get("Location", "")

    asked_for = idempotency.fingerprint(request.method, request.path_info, asked)
    answer, is_old = idempotency.once(signed_in_user(request), key, asked_for, remember)
    headers = {"Idempotency-Replayed": "true"} if is_old else {}
    if answer.location:
        headers |= {"Location": answer.location, "Retry-After": RETRY_AFTER}
    return Response(answer.body, status=answer.status, headers=headers)
