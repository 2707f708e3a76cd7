"""Users, what they may ask for, and their API tokens."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from knox.models import AbstractAuthToken

from soundscapes.engine.sound.plan import MAX_DURATION


@dataclass(frozen=True, slots=True)
class Allowance:
    """Seconds of one soundscape, bytes of storage, and unfinished jobs at a time."""

    duration: int
    storage: int
    jobs: int
    grows_until: datetime | None

    @property
    def duration_in_words(self) -> str:
        minutes, seconds = divmod(self.duration, 60)
        return f"{minutes}:{seconds:02} minutes"

    @property
    def growth(self) -> str:
        """Say until when it grows; "" once it is full."""
        if self.grows_until is None:
            return ""
        day = date_format(self.grows_until, "j F")
        return f" Your account is new: its limits grow every day until {day}."


class User(AbstractUser):
    latest_image = models.ForeignKey(
        "soundscapes.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="The image this user uploaded or drew last; GET /generate_audio takes it.",
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

    @staticmethod
    def lock(**which: Any) -> list[User]:
        """Return the matching users, locked until the transaction ends.

        In one order, so that no two wait crosswise; new rows may refer to them meanwhile. SQLite
        needs no lock: its transactions, which are immediate, come one after the other.
        """
        rows = User.objects.filter(**which).order_by("pk")
        return list(rows.select_for_update(no_key=True))

    @property
    def allowance(self) -> Allowance:
        """The full one for staff, for whom an administrator trusts, and after some days.

        New accounts begin small and grow, so that those made by the dozen get little more than one.
        """
        full = (int(MAX_DURATION), settings.STORAGE_LIMIT, settings.QUEUE_PER_USER)
        days = max(0, (timezone.now() - self.date_joined).days)  # clocks are set back, too
        if self.is_trusted or self.is_staff or days >= settings.NEW_ACCOUNT_DAYS:
            return Allowance(*full, None)
        share = days / settings.NEW_ACCOUNT_DAYS
        small = (settings.NEW_DURATION, settings.NEW_STORAGE, settings.NEW_QUEUE)
        duration, storage, jobs = (
            min(most, round(first + share * (most - first)))
            for first, most in zip(small, full, strict=True)
        )
        until = self.date_joined + timedelta(days=settings.NEW_ACCOUNT_DAYS)
        return Allowance(duration, storage, jobs, until)


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
