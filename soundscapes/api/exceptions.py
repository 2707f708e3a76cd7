"""Conversion of exceptions to problem details."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from rest_framework.exceptions import (
    APIException,
    NotAuthenticated,
    NotFound,
    UnsupportedMediaType,
    ValidationError,
)
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from soundscapes.engine.errors import NoImagesError
from soundscapes.http.errors import log_deleted
from soundscapes.http.problems import (
    BY_STATUS,
    DISK_FULL,
    NO_IMAGES,
    OWN_BACKLOG,
    QUEUE_FULL,
    STORAGE_FULL,
    TOO_LONG,
    ProblemType,
    problem_response,
)
from soundscapes.jobs.queue import WrongStateError
from soundscapes.limits.admission import FullQueueError, OwnBacklogError, TooLongError
from soundscapes.limits.grants import GuestError, TooManyError
from soundscapes.limits.idempotency import KeyReusedError
from soundscapes.limits.quotas import QuotaExceededError
from soundscapes.limits.storage import DiskFullError, StorageFullError

KEPT_HEADERS = ("WWW-Authenticate", "Retry-After")
REFUSALS: dict[type[Exception], ProblemType] = {
    OwnBacklogError: OWN_BACKLOG,
    FullQueueError: QUEUE_FULL,
    StorageFullError: STORAGE_FULL,
    DiskFullError: DISK_FULL,
    TooLongError: TOO_LONG,
    QuotaExceededError: BY_STATUS[429],
    GuestError: BY_STATUS[403],
    NoImagesError: NO_IMAGES,
    WrongStateError: BY_STATUS[409],
    KeyReusedError: BY_STATUS[422],
    TooManyError: BY_STATUS[409],
}
"""Problem types of the services' errors."""


class Refusal(APIException):
    """A problem with the message and the optional `retry_after` of a service's error."""

    def __init__(self, kind: ProblemType, error: object) -> None:
        super().__init__(str(error))
        self.status_code = kind.status
        self.problem_type = kind
        self.wait = getattr(error, "retry_after", None)  # DRF sends it as Retry-After


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Convert known errors to problems and leave the rest to Django. DRF's exception handler."""
    error = _of_the_api(error)
    answer = exception_handler(error, context)
    if answer is None:
        return None
    request: Request = context["request"]
    errors: list[dict[str, str]] = []
    if isinstance(error, ValidationError):
        place = "query" if request.method in SAFE_METHODS else "body"
        errors = [
            {"pointer": pointer, "in": place, "detail": words, "code": code}
            for pointer, words, code in _pointed(error.detail)
        ]
        detail = _summary(errors)
    else:
        detail = _advice(error, context) or str(answer.data["detail"])
    return problem_response(
        request._request,
        getattr(error, "problem_type", answer.status_code),
        detail,
        errors=errors,
        headers={name: answer[name] for name in KEPT_HEADERS if name in answer},
    )


def _advice(error: Exception, context: dict[str, Any]) -> str:
    """Return what to do about an error of Django or DRF, whose own words name it only."""
    if isinstance(error, NotAuthenticated):
        return "Send `Authorization: Bearer <token>`. You create tokens on your account page."
    if isinstance(error, UnsupportedMediaType):
        return f"{error.detail} Send {context['view'].parser_classes[0].media_type}."
    if isinstance(error, Http404) and str(error).endswith("matches the given query."):
        return "This does not exist, or is not yours. Check the id."
    return ""


def _of_the_api(error: Exception) -> Exception:
    if isinstance(error, ObjectDoesNotExist):
        log_deleted(error)
        return NotFound("It was deleted in the meantime.")
    kind = REFUSALS.get(type(error))
    return error if kind is None else Refusal(kind, error)


def _pointed(detail: Any, pointer: str = "#") -> Iterator[tuple[str, str, str]]:
    """Yield each ValidationError message with its JSON pointer (RFC 6901)."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            whole = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _pointed(inner, pointer if whole else f"{pointer}/{_escaped(str(name))}")
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from _pointed(inner, f"{pointer}/{number}" if nested else pointer)
    else:
        yield pointer, str(detail), str(getattr(detail, "code", "invalid"))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _summary(errors: list[dict[str, str]]) -> str:
    if not errors:
        return "The request is invalid."
    field = errors[0]["pointer"].removeprefix("#").removeprefix("/")
    return f"{field}: {errors[0]['detail']}" if field else errors[0]["detail"]


class RefusedPhotoError(ValidationError):
    """A rejected image, with its status and a machine-readable code."""

    def __init__(self, words: str, status_code: int, code: str) -> None:
        super().__init__({"image": [words]}, code)
        self.status_code = status_code
