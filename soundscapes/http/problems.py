"""RFC 9457 problem details (`application/problem+json`)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

MEDIA_TYPE = "application/problem+json"
DOCUMENTED_PATHS = frozenset({"/random_image", "/upload_image", "/generate_audio"})
API_PREFIXES = ("/api/", "/media/")


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem; `slug` is the last part of its URL."""

    slug: str
    status: int
    title: str


INSUFFICIENT_SCOPE = ProblemType("insufficient-scope", 403, "The token's scope is too small")
JOB_FAILED = ProblemType("job-failed", 503, "The job failed")
STORAGE_FULL = ProblemType("storage-full", 403, "The account's storage is full")
NO_IMAGES = ProblemType("no-images", 503, "There are no preloaded images")
OWN_BACKLOG = ProblemType("own-backlog", 429, "The account has too many unfinished jobs")
QUEUE_FULL = ProblemType("queue-full", 503, "The queue is full")
DISK_FULL = ProblemType("disk-full", 503, "The server's disk is nearly full")
TOO_LONG = ProblemType("too-long", 403, "The soundscape is longer than the account allows")

GENERAL = (
    ProblemType("invalid-request", 400, "The request is invalid"),
    ProblemType("not-signed-in", 401, "A token or a session is required"),
    ProblemType("not-allowed", 403, "Permission denied"),
    ProblemType("not-found", 404, "Not found, or not yours"),
    ProblemType("method-not-allowed", 405, "The URL does not support this method"),
    ProblemType("not-acceptable", 406, "No accepted media type is available"),
    ProblemType("conflict", 409, "The current state does not allow this"),
    ProblemType("too-large", 413, "The request is too large"),
    ProblemType("unsupported-media-type", 415, "The content type is not supported"),
    ProblemType("range-not-satisfiable", 416, "The file does not have this range"),
    ProblemType("idempotency-key-reused", 422, "The key was used for another request"),
    ProblemType("quota-exceeded", 429, "The quota is used up"),
    ProblemType("server-error", 500, "Something went wrong on the server"),
    ProblemType("unavailable", 503, "The server is temporarily unavailable"),
)
PROBLEM_TYPES = (
    *GENERAL,
    INSUFFICIENT_SCOPE,
    STORAGE_FULL,
    JOB_FAILED,
    NO_IMAGES,
    OWN_BACKLOG,
    QUEUE_FULL,
    DISK_FULL,
    TOO_LONG,
)
BY_STATUS = {kind.status: kind for kind in GENERAL}


def is_for_programs(request: HttpRequest) -> bool:
    """Return whether errors at this URL are problem details."""
    path = request.path_info
    return path.removesuffix("/") in DOCUMENTED_PATHS or path.startswith(API_PREFIXES)


def wants_page(request: HttpRequest | Request) -> bool:
    """Return whether somebody opened this URL in a browser."""
    return "text/html" in request.headers.get("Accept", "")


def problem_response(
    request: HttpRequest,
    kind: ProblemType | int,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a problem of a type, or of the generic type of a status."""
    if isinstance(kind, int):
        kind = BY_STATUS.get(kind) or ProblemType("invalid-request", kind, "The request failed")
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
