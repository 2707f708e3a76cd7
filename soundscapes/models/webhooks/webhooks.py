"""URLs of accounts that are told about events."""

from __future__ import annotations

import secrets
import uuid
from base64 import b64encode
from typing import Self

from django.db import models

MAX_URL = 500
SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of all secrets, by Standard Webhooks
SECRET_BYTES = 32


class Event(models.TextChoices):
    GENERATION_READY = "generation.ready", "A soundscape is ready"
    GENERATION_FAILED = "generation.failed", "A soundscape failed"


def new_secret() -> str:
    """Return a random secret in the form of Standard Webhooks."""
    return SECRET_PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def live(self) -> Self:
        """Exclude webhooks that are off, and those of deactivated accounts."""
        return self.filter(disabled_at=None, owner__is_active=True)


class Webhook(models.Model):
    """A URL that gets a request for each event.

    The secret is stored as plain text, because it signs every request.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey("soundscapes.User", on_delete=models.CASCADE, related_name="webhooks")
    target_url = models.URLField("URL", max_length=MAX_URL)
    events = models.JSONField(default=list)
    secret = models.CharField(max_length=100, default=new_secret, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    failing_since = models.DateTimeField(
        null=True, editable=False, help_text="When deliveries began to fail."
    )
    disabled_at = models.DateTimeField(
        null=True, editable=False, help_text="When it was switched off; empty while it is on."
    )
    trouble = models.CharField(
        max_length=300, blank=True, editable=False, help_text="Why it was switched off."
    )

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.target_url

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None
