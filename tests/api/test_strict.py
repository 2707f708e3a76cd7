"""Fields that accept only their own type, in JSON and in queries."""

import uuid

import pytest
from django.http import QueryDict
from rest_framework import serializers

from soundscapes.api.serializers.strict import IdField, TextField, WholeNumberField, YesNoField


class Body(serializers.Serializer):
    text = TextField(required=False)
    number = WholeNumberField(required=False)
    answer = YesNoField(required=False)
    key = IdField(required=False)


@pytest.mark.parametrize(
    "data",
    [
        *({"text": 0}, {"text": ["a"]}, {"number": "5"}, {"number": True}, {"number": 5.5}),
        *({"answer": "yes"}, {"answer": 1}, {"key": 7}, {"key": "7"}),
    ],
    ids=str,
)
def test_other_types_are_rejected(data):
    body = Body(data=data)
    assert not body.is_valid()
    assert set(body.errors) == set(data)


def test_the_declared_type_is_accepted():
    data = {"text": "a", "number": 5, "answer": False, "key": str(uuid.uuid4())}
    body = Body(data=data)
    assert body.is_valid(), body.errors
    assert body.validated_data == data | {"key": uuid.UUID(data["key"])}


def test_a_number_in_a_query_is_parsed():
    body = Body(data=QueryDict("number=5"))
    assert body.is_valid(), body.errors
    assert body.validated_data["number"] == 5
    assert not Body(data=QueryDict("number=five")).is_valid()
