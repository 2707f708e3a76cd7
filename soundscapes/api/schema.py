"""Extensions of drf-spectacular: the problems of each operation, and example responses."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiRequest

from soundscapes.api.idempotency import HEADER
from soundscapes.generations.transcoding import MEDIA_TYPES
from soundscapes.http.problems import MEDIA_TYPE, PROBLEM_TYPES, ProblemType

Schema = dict[str, Any]

BINARY = {"type": "string", "format": "binary"}
REFERENCE = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
PROBLEM: Schema = REFERENCE["problem"]
EXAMPLES: dict[str, Schema] = REFERENCE["examples"]
"""One example of every object in responses. A test validates them against the schema."""

KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "description": "Identifies this request. Repeating it within a day returns the first response.",
    "schema": {"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": 255},
}
HEADERS = {
    401: {"WWW-Authenticate": "Accepted authentication schemes."},
    403: {"WWW-Authenticate": "The required scope, if the token lacks it."},
    429: {"Retry-After": "Seconds."},
    503: {"Retry-After": "Seconds, if a retry can succeed."},
}
ACCEPTED_HEADERS = {"Location": "URL of the job.", "Retry-After": "Seconds."}
AUDIO_HEADERS = {"ETag": "Version of the file.", "Accept-Ranges": "Always `bytes`."}
SEARCH_HEADERS = {
    "Search-Covers": "With `q`: `words, meaning`, or `words` until a worker has encoded the text.",
    "Retry-After": "Seconds after which the text may be encoded. Sent with `words` only.",
}
TEXT = r"^[^\u0000]*$"
FILLED_TEXT = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
TOO_LONG = "uri-too-long"
ONCE = frozenset({"createImage", "createGeneration"})
FINDING = frozenset({"uploadImage", "createGeneration"})
ASKING_FOR_WORK = frozenset({"uploadImage", "generateAudio", "getAudio"}) | ONCE
WRITING_GETS = frozenset({"drawRandomImage", "generateAudio"})
ON_JOBS = frozenset({"cancelJob", "retryJob", "createWebhook", "sendWebhookDelivery"})
SEARCHING = frozenset({"listGenerations"})
AUDIO_RANGES = frozenset({"generateAudio", "getAudio"})


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "soundscapes.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {"type": "http", "scheme": "bearer", "description": "An API token of your account."}


def describe(result: Schema, **_context: Any) -> Schema:
    result["components"]["schemas"]["Problem"] = PROBLEM
    result["components"]["responses"] = {kind.slug: _problem_answer(kind) for kind in PROBLEM_TYPES}
    result["components"]["responses"][TOO_LONG] = {
        "description": "The URL is too long. The web server sends this response.",
        "content": {"text/html": {"schema": {"type": "string"}}},
    }
    for name, component in result["components"]["schemas"].items():
        if name.endswith("Request"):
            for field in component.get("properties", {}).values():
                _say_what_text_is(field)
    for method, operation in _operations(result):
        for parameter in operation.get("parameters", ()):
            _say_what_text_is(parameter["schema"])
        for status, answer in operation["responses"].items():
            _add_headers(int(status), operation, answer)
            for media in answer.get("content", {}).values():
                _add_example(media)
        for kind in _problems_of(method, operation):
            known = {"$ref": f"#/components/responses/{kind.slug}"}
            operation["responses"].setdefault(str(kind.status), known)
        if any(parameter["in"] == "query" for parameter in operation.get("parameters", ())):
            operation["responses"]["414"] = {"$ref": f"#/components/responses/{TOO_LONG}"}
            _say_that_empty_is_left_out(operation)
        if operation["operationId"] in ONCE:
            operation.setdefault("parameters", []).append(KEY_PARAMETER)
    return result


def _say_what_text_is(field: Schema) -> None:
    """Forbid NUL in text, and blank text where it may not be empty."""
    if field.get("type") == "string" and not field.keys() & {"format", "enum", "pattern"}:
        field["pattern"] = FILLED_TEXT if field.get("minLength") else TEXT


def _say_that_empty_is_left_out(operation: Schema) -> None:
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":
            parameter["allowEmptyValue"] = True


def _operations(result: Schema) -> Iterator[tuple[str, Schema]]:
    for methods in result["paths"].values():
        yield from methods.items()


def _problems_of(method: str, operation: Schema) -> Iterator[ProblemType]:
    name, has_body = operation["operationId"], "requestBody" in operation
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    is_open = {} in operation.get("security", ())
    statuses = {405, 406, 500, 503}
    statuses |= {404} if places & {"path", "query"} or name in FINDING else set()
    statuses |= {400} if has_body or "query" in places else set()
    statuses |= {413, 415} if has_body else set()
    statuses |= set() if is_open else {401, 429}
    statuses |= {403} if method != "get" or name in WRITING_GETS else set()
    statuses |= {409} if name in ON_JOBS else set()
    statuses |= {422} if name in ONCE else set()
    statuses |= {416} if name in AUDIO_RANGES else set()
    statuses |= {503} if name in ASKING_FOR_WORK | WRITING_GETS else set()
    seen: set[int] = set()
    for kind in PROBLEM_TYPES:
        if kind.status in statuses and kind.status not in seen:
            seen.add(kind.status)
            yield kind


def _problem_answer(kind: ProblemType) -> Schema:
    example = {
        "type": f"/api/v1/problems/{kind.slug}/",
        "title": kind.title,
        "status": kind.status,
        "detail": f"{kind.title}.",
        "instance": "/api/v1/images/",
        "request_id": "6f1d2c6a6a9b4f0c8f5f0e3b1c7d9a42",
        "errors": [],
    }
    media = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    answer = {"description": kind.title, "content": {MEDIA_TYPE: media}}
    return answer | _headers(HEADERS.get(kind.status, {}))


def _headers(names: dict[str, str]) -> Schema:
    if not names:
        return {}
    text = {"type": "string"}
    return {"headers": {name: {"description": why, "schema": text} for name, why in names.items()}}


def _add_headers(status: int, operation: Schema, answer: Schema) -> None:
    if status == 202:
        answer |= _headers(ACCEPTED_HEADERS)
    elif status < 400 and operation["operationId"] in SEARCHING:
        answer |= _headers(SEARCH_HEADERS)
    elif status < 400 and operation["operationId"] in AUDIO_RANGES:
        answer |= _headers(AUDIO_HEADERS)


def _add_example(media: Schema) -> None:
    name = media.get("schema", {}).get("$ref", "").rpartition("/")[2]
    if name.startswith("Paginated"):
        row = EXAMPLES[name.removeprefix("Paginated").removesuffix("List")]
        media["example"] = {"count": 1, "next": None, "previous": None, "results": [row]}
    elif name in EXAMPLES:
        media["example"] = EXAMPLES[name]


def audio_answers() -> dict[Any, Any]:
    """Return responses for audio in every format: complete, partial, unchanged, or a job."""
    from soundscapes.api.serializers.jobs import JobSerializer

    sounds = {(status, media): BINARY for status in (200, 206) for media in MEDIA_TYPES.values()}
    return {**sounds, 304: None, 202: JobSerializer}


def multipart(serializer: Any) -> dict[str, OpenApiRequest]:
    kinds = {"image": {"contentType": "image/jpeg"}}
    return {"multipart/form-data": OpenApiRequest(serializer, encoding=kinds)}
