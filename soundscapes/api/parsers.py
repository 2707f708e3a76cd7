"""JSON parser limited in size, depth and characters, for any database."""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

MAX_JSON = 2**18  # bytes


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class BoundedJSONParser(JSONParser):
    """DRF's parser reads any length and answers invalid text with a 500."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = stream.read(MAX_JSON + 1)
        if len(body) > MAX_JSON:
            raise TooLarge(f"This JSON is too long; {MAX_JSON // 1024} KiB is the most.")
        try:
            data: dict[str, Any] = super().parse(BytesIO(body), media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("This JSON is nested too deeply.") from error
        except (UnicodeError, LookupError) as error:
            raise ParseError("This JSON holds text that is no Unicode.") from error
        return data
