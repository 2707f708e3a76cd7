"""Validation and search of user input that is shown in pages, terminals and CSV files."""

import re
from unicodedata import normalize

from django.core.exceptions import ValidationError
from django.db.models import Q

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and characters that change the direction of the text after them."""


def printable(text: str) -> None:
    """Raise ValidationError for text with control characters."""
    if CONTROL.search(text):
        raise ValidationError("Remove the control characters, which cannot be displayed.")


def cleaned(text: str) -> str:
    """Return text without control characters and with composed letters: macOS decomposes names."""
    return normalize("NFC", CONTROL.sub("", text))


def containing(words: str, *columns: str) -> Q:
    """Return the condition that one of the columns contains the words, in upper or lower case.

    SQLite ignores the case of ASCII letters only, and databases distinguish composed characters
    from decomposed ones.
    """
    spellings = {words}
    if not words.isascii():
        cases = (words, words.lower(), words.upper(), words.capitalize())
        spellings = {normalize(form, each) for form in ("NFC", "NFD") for each in cases}
    found = [(f"{column}__icontains", each) for column in columns for each in sorted(spellings)]
    return Q(*found, _connector=Q.OR)
