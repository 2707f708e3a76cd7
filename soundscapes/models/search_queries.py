"""Search queries and their vectors."""

from typing import Self

import numpy as np
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from soundscapes.engine.matching.vectors import Vectors

MAX_TEXT = 200
MAX_WORDS = 20  # more than in the title of a card; each is searched in every row


def validate_words(text: str) -> None:
    """Raise ValidationError for more than `MAX_WORDS` words."""
    count = len(text.split())
    if count > MAX_WORDS:
        raise ValidationError(f"Search for at most {MAX_WORDS} words. There are {count}.")


class SearchQueryQuerySet(models.QuerySet["SearchQuery"]):
    def asked(self, text: str, encoder: str) -> Self:
        return self.filter(text=text, encoder=encoder)


class SearchQuery(models.Model):
    """A query with its vector by one encoder, shared by all users."""

    text = models.CharField(max_length=MAX_TEXT)
    encoder = models.CharField(max_length=100)
    vector = models.BinaryField(
        default=b"", help_text="float32, little-endian; empty until it is encoded."
    )
    asked_at = models.DateTimeField(default=timezone.now)

    objects = SearchQueryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "search queries"
        constraints = [
            models.UniqueConstraint(name="query_once_per_encoder", fields=["text", "encoder"])
        ]

    def __str__(self) -> str:
        return self.text

    def unpack(self) -> Vectors | None:
        """Return the unit vector, of shape (dimension,), or None until it is encoded."""
        if not self.vector:
            return None
        return np.frombuffer(bytes(self.vector), dtype="<f4").astype(np.float32)
