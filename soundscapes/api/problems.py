"""Errors as RFC 9457 problem details: `application/problem+json`, whoever raised them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

MEDIA_TYPE = "application/problem+json"
DOCUMENTED_PATHS = frozenset({"/random_image", "/upload_image", "/generate_audio"})
API_PREFIXES = ("/api/", "/media/")
KEPT_HEADERS = ("WWW-Authenticate", "Retry-After")


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem; `slug` is the last part of its address."""

    slug: str
    status: int
    title: str


INSUFFICIENT_SCOPE = ProblemType("insufficient-scope", 403, "The token's scope is too small")
JOB_FAILED = ProblemType("job-failed", 503, "The worker could not do it")
NO_PICTURES = ProblemType("no-pictures", 503, "There is no preloaded picture")

GENERAL = (
    ProblemType("invalid-request", 400, "The request is not valid"),
    ProblemType("not-signed-in", 401, "A token or a session is needed"),
    ProblemType("not-allowed", 403, "This is not allowed"),
    ProblemType("not-found", 404, "There is nothing here, or it is somebody else's"),
    ProblemType("method-not-allowed", 405, "This address does not know the method"),
    ProblemType("not-acceptable", 406, "There is no answer of an accepted type"),
    ProblemType("too-large", 413, "The request is too large"),
    ProblemType("unsupported-media-type", 415, "This kind of content is not taken"),
    ProblemType("range-not-satisfiable", 416, "The file has no such range"),
    ProblemType("idempotency-key-reused", 422, "The key belongs to another request"),
    ProblemType("quota-exceeded", 429, "The quota is used up for now"),
    ProblemType("server-error", 500, "Something went wrong on the server"),
    ProblemType("unavailable", 503, "The server cannot do this at present"),
)
PROBLEM_TYPES = (*GENERAL, INSUFFICIENT_SCOPE, JOB_FAILED, NO_PICTURES)
_BY_STATUS = {kind.status: kind for kind in GENERAL}


def is_for_programs(request: HttpRequest) -> bool:
    """Whether errors at this address are problem details rather than pages."""
    return request.path_info in DOCUMENTED_PATHS or request.path_info.startswith(API_PREFIXES)


def problem_response(
    request: HttpRequest,
    kind: ProblemType | int,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A problem, of a type or of the general one of a status."""
    if isinstance(kind, int):
        kind = _BY_STATUS.get(kind) or ProblemType("invalid-request", kind, "The request failed")
    problem = {
        "type": f"/api/v1/problems/{kind.slug}/",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
        "errors": errors or [],
    }
    return HttpResponse(
        json.dumps(problem), content_type=MEDIA_TYPE, status=kind.status, headers=headers
    )


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's handler of exceptions: what it knows becomes a problem, the rest is Django's."""
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
        headers={
            name: answer[name] for name in ("WWW-Authenticate", "Retry-After") if name in answer
        },
    )


def _pointed(detail: Any, pointer: str = "#") -> Iterator[tuple[str, str, str]]:
    """Each message of a ValidationError with the JSON pointer (RFC 6901) of what it is about."""
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
    """The first error as a sentence that names its field."""
    if not errors:
        return "The request is not valid."
    field = errors[0]["pointer"].removeprefix("#").removeprefix("/")
    return f"{field}: {errors[0]['detail']}" if field else errors[0]["detail"]


class RefusedPhotoError(ValidationError):
    """A photo that is not taken, with the status that fits and a word for programs."""

    def __init__(self, words: str, status_code: int, code: str) -> None:
        super().__init__({"image": [words]}, code)
        self.status_code = status_code


class JobFailed(APIException):
    """The worker could not do it; the answer says why, and asking again tries again."""

    status_code = JOB_FAILED.status
    problem_type = JOB_FAILED


class NoPictures(APIException):
    status_code = NO_PICTURES.status
    problem_type = NO_PICTURES
