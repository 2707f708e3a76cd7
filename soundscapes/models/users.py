"""Users, their limits and their API tokens."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from knox.models import AbstractAuthToken

from soundscapes.engine.sound.plan import MAX_DURATION
from soundscapes.models.shares import new_token


@dataclass(frozen=True, slots=True)
class Allowance:
    """Limits of an account: seconds per soundscape, bytes of storage, and unfinished jobs."""

    duration: int
    storage: int
    jobs: int
    grows_until: datetime | None

    @property
    def duration_in_words(self) -> str:
        for size, unit in ((3600, "hour"), (60, "minute")):
            if self.duration % size == 0:
                count = self.duration // size
                return f"{count} {unit}{'' if count == 1 else 's'}"
        minutes, seconds = divmod(self.duration, 60)
        return f"{minutes}:{seconds:02} minutes"

    @property
    def growth(self) -> str:
        """A sentence about the growth of the limits, or an empty string once they are full."""
        if self.grows_until is None:
            return ""
        day = date_format(self.grows_until, "j F")
        return f" Your account is new. Its limits increase every day until {day}."


GUEST = Allowance(duration=60, storage=20_000_000, jobs=1, grows_until=None)


class User(AbstractUser):
    latest_image = models.ForeignKey(
        "soundscapes.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="The last image that this user uploaded or drew, used by GET /generate_audio.",
    )
    deletion_requested_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When a worker last continued the deletion of this account, if it was requested.",
    )
    guest_until = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When a guest's account is deleted unless somebody signs up for it.",
    )
    is_trusted = models.BooleanField(
        "full limits",
        default=False,
        help_text="Give this account the full limits at once. Other accounts reach them with age.",
    )
    awaits_approval = models.BooleanField(
        default=False,
        editable=False,
        help_text="Signed up, and can sign in once an administrator approves the account.",
    )
    served_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When a worker last started a job of this user. The oldest time comes next.",
    )

    @staticmethod
    def lock(**which: Any) -> list[User]:
        """Return the matching users, locked until the transaction ends.

        The fixed order prevents deadlocks. Other transactions can still add rows that refer to the
        users. SQLite needs no lock, because its immediate transactions run one after the other.
        """
        rows = User.objects.filter(**which).order_by("pk")
        return list(rows.select_for_update(no_key=True))

    @property
    def allowance(self) -> Allowance:
        """The limits: full for staff, trusted accounts and accounts older than some days.

        The limits of new accounts start small and grow, so that creating many accounts gains
        little.
        """
        full = (int(MAX_DURATION), settings.STORAGE_LIMIT, settings.QUEUE_PER_USER)
        days = max(0, (timezone.now() - self.date_joined).days)  # the clock may be set back
        if self.guest_until:
            return GUEST
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


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        return self.filter(ends_at__gt=timezone.now(), uses__lt=F("max_uses"))

    def count_use(self) -> bool:
        """Count one use of these; return False if there are none. Concurrent uses wait."""
        return bool(self.update(uses=F("uses") + 1))


def in_a_week() -> datetime:
    return timezone.now() + timedelta(days=7)


class Invitation(models.Model):
    """A link for signing up.

    The token is stored as plain text, so that administrators can copy the link again.
    """

    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    note = models.CharField(
        max_length=100, blank=True, help_text="Whom it is for. Only administrators see it."
    )
    max_uses = models.PositiveIntegerField(
        "accounts", default=1, validators=[MinValueValidator(1)], help_text="How many may sign up."
    )
    uses = models.PositiveIntegerField("used", default=0, editable=False)
    ends_at = models.DateTimeField("ends", default=in_a_week)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.note or f"Invitation {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("invitation", args=[self.token])


class ApiToken(AbstractAuthToken):
    """An API token, of which only the SHA-512 digest is stored."""

    class Scope(models.TextChoices):
        READ = "read", "Read"
        WRITE = "write", "Read and write"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100, help_text="The program or device that uses it.")
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.WRITE)
    last_used_at = models.DateTimeField(
        null=True, editable=False, help_text="To the minute; empty if never used."
    )

    class Meta:
        ordering = ["-created"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"
