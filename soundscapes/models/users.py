"""Users and their API tokens."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken


class User(AbstractUser):
    latest_image = models.ForeignKey(
        "soundscapes.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="The picture this user uploaded or drew last; GET /generate_audio takes it.",
    )
    deletion_requested_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="Its owner has deleted the account: when a worker last went on removing it.",
    )
    is_trusted = models.BooleanField(
        "full limits",
        default=False,
        help_text="Give this account the full limits at once; others grow to them with age.",
    )
    served_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When a worker last took up a job of this user: the longest ago comes next.",
    )


class ApiToken(AbstractAuthToken):
    """An API token, of which only the SHA-512 digest is kept."""

    class Scope(models.TextChoices):
        READ = "read", "Read"
        WRITE = "write", "Read and write"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100, help_text="What uses it, in your own words.")
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.WRITE)
    last_used_at = models.DateTimeField(
        null=True, editable=False, help_text="To the minute; empty: never."
    )

    class Meta:
        ordering = ["-created"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"
