"""Conversion of exceptions to problem details."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.exceptions import APIException, Throttled, ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from soundscapes.http.problems import (
    JOB_FAILED,
    NO_PICTURES,
    OWN_BACKLOG,
    QUEUE_FULL,
    STORAGE_FULL,
    problem_response,
)
from soundscapes.limits.admission import BacklogError
from soundscapes.limits.quotas import QuotaExceededError
from soundscapes.limits.storage import StorageFullError

KEPT_HEADERS = ("WWW-Authenticate", "Retry-After")


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF exception handler: make problems of known errors and leave the rest to Django."""
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
        detail = str(answer.data["detail"])
    return problem_response(
        request._request,
        getattr(error, "problem_type", answer.status_code),
        detail,
        errors=errors,
        headers={name: answer[name] for name in KEPT_HEADERS if name in answer},
    )


def _of_the_api(error: Exception) -> Exception:
    if isinstance(error, BacklogError):
        return Overloaded(error)
    if isinstance(error, QuotaExceededError):
        return QuotaExceeded(error)
    return StorageFull(str(error)) if isinstance(error, StorageFullError) else error


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
        return "The request is not valid."
    field = errors[0]["pointer"].removeprefix("#").removeprefix("/")
    return f"{field}: {errors[0]['detail']}" if field else errors[0]["detail"]


class RefusedPhotoError(ValidationError):
    """A refused photo with its status and a code for programs."""

    def __init__(self, words: str, status_code: int, code: str) -> None:
        super().__init__({"image": [words]}, code)
        self.status_code = status_code


class JobConflict(APIException):
    status_code = 409


class JobFailed(APIException):
    """The worker failed; the answer says why, and asking again retries."""

    status_code = JOB_FAILED.status
    problem_type = JOB_FAILED


class QuotaExceeded(Throttled):
    def __init__(self, error: QuotaExceededError) -> None:
        super().__init__(wait=error.retry_after)
        self.detail = str(error)  # type: ignore[assignment]


class StorageFull(APIException):
    status_code = STORAGE_FULL.status
    problem_type = STORAGE_FULL


class NoPictures(APIException):
    status_code = NO_PICTURES.status
    problem_type = NO_PICTURES


class Overloaded(APIException):
    """Too much is waiting, of the user (429) or of all (503)."""

    def __init__(self, error: BacklogError) -> None:
        super().__init__(str(error))
        self.status_code = error.status
        self.problem_type = OWN_BACKLOG if error.status == OWN_BACKLOG.status else QUEUE_FULL
        self.wait = error.retry_after  # what becomes Retry-After
