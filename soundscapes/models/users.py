"""Users and their API tokens."""

from __future__ import annotations

import uuid
from typing import Any

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
    served_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When a worker last took up a job of this user: the longest ago comes next.",
    )

    @staticmethod
    def lock(**which: Any) -> list[User]:
        """Return the matching users, locked until the transaction ends.

        In one order, so that no two wait crosswise; new rows may refer to them meanwhile. SQLite
        needs no lock: its transactions, which are immediate, come one after the other.
        """
        rows = User.objects.filter(**which).order_by("pk")
        return list(rows.select_for_update(no_key=True))


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
