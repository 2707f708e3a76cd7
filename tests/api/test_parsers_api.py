"""Harmful JSON is rejected."""

from io import BytesIO

import pytest
from rest_framework.exceptions import APIException

from soundscapes.api.parsers import MAX_JSON, BoundedJSONParser


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'"' + b"a" * MAX_JSON + b'"', 413),
        (b"[" * 100_000, 400),
        (b'{"a": "\\ud800"}', 400),
        (b"\xff\xfe", 400),
        (b'{"a": NaN}', 400),
        (b"1" * 10_000, 400),
    ],
    ids=["long", "deep", "lone surrogate", "invalid UTF-8", "NaN", "huge number"],
)
def test_unsupported_json_is_rejected(body, status):
    with pytest.raises(APIException) as refused:
        BoundedJSONParser().parse(BytesIO(body), "application/json", {})
    assert refused.value.status_code == status


def test_plain_json_is_accepted():
    assert BoundedJSONParser().parse(BytesIO(b'{"a": "\xc3\xa9"}'), None, {}) == {"a": "é"}
