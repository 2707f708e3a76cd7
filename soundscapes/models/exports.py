"""Exports of users' data."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from soundscapes.models.jobs import Job, JobQuerySet, State, unfinished_index

if TYPE_CHECKING:
    from soundscapes.models.users import User

KEPT_FOR = timedelta(hours=48)


class ExportQuerySet(JobQuerySet["Export"]):
    def visible(self) -> Self:
        return self.exclude(finished_at__lte=timezone.now() - KEPT_FOR)

    def of(self, user: User) -> Self:
        """Return the user's export unless it has expired: at most one row."""
        return self.visible().filter(owner=user)

    def downloadable_by(self, user: User) -> Self:
        return self.of(user).filter(state=State.READY)

    def expired(self) -> Self:
        return self.filter(finished_at__lte=timezone.now() - KEPT_FOR)


def export_path(export: Export, _filename: str = "") -> str:
    return f"exports/{export.pk}.zip"


class Export(Job):
    """A zip file of a user's images, soundscapes and rows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.OneToOneField(
        "soundscapes.User", on_delete=models.CASCADE, related_name="export"
    )
    file = models.FileField(upload_to=export_path, max_length=200, blank=True, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False, help_text="Bytes.")

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="export_ready_has_file", condition=~Q(state=State.READY) | ~Q(file="")
            ),
        ]
        indexes = [unfinished_index("export_unfinished")]

    def __str__(self) -> str:
        return f"Export of {self.owner}"

    @property
    def expires_at(self) -> datetime | None:
        return self.finished_at + KEPT_FOR if self.finished_at else None
