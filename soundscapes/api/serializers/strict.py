"""Fields without DRF's conversions, such as 0 to text, "5" to a number or "yes" to true.

Numbers in query parameters are parsed, because these are always text.
"""

from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from soundscapes.models.text import printable


class TextField(serializers.CharField):
    default_validators = (printable,)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text: str = super().to_internal_value(data)
        return text


class WholeNumberField(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        in_query = isinstance(self.root.initial_data, QueryDict)
        if not isinstance(data, str if in_query else (int, float)) or isinstance(data, bool):
            self.fail("invalid")
        number: int = super().to_internal_value(data)
        return number


class YesNoField(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class IdField(serializers.UUIDField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class OneOfField(serializers.ChoiceField):
    """A choice whose error lists what is allowed."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices, **options)
        allowed = ", ".join(map(str, self.choices))
        self.error_messages["invalid_choice"] = f'"{{input}}" is not one of {allowed}.'
