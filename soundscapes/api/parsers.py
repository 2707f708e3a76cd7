"""A JSON parser that limits size, depth and characters to what every database accepts."""

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
    """DRF's parser reads bodies of any length, and invalid text makes it fail with status 500."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = stream.read(MAX_JSON + 1)
        if len(body) > MAX_JSON:
            raise TooLarge(f"The JSON body is larger than {MAX_JSON // 1024} KiB.")
        try:
            data: dict[str, Any] = super().parse(BytesIO(body), media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("The JSON body is nested too deeply.") from error
        except (UnicodeError, LookupError) as error:
            raise ParseError("The JSON body contains invalid Unicode.") from error
        return data
