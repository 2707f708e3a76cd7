"""Text that people give: what can be shown in a page, a terminal and a CSV."""

import re

from django.core.exceptions import ValidationError

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of the text after them."""


def printable(text: str) -> None:
    """Raise ValidationError for text with control characters."""
    if CONTROL.search(text):
        raise ValidationError("Leave out control characters: they cannot be shown.")


def without_control_characters(text: str) -> str:
    return CONTROL.sub("", text)
