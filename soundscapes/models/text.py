"""Validation of user input that is shown in pages, terminals and CSV files."""

import re

from django.core.exceptions import ValidationError

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and characters that change the direction of the text after them."""


def printable(text: str) -> None:
    """Raise ValidationError for text with control characters."""
    if CONTROL.search(text):
        raise ValidationError("Remove the control characters, which cannot be displayed.")


def without_control_characters(text: str) -> str:
    return CONTROL.sub("", text)
