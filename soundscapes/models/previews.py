"""Sounds that somebody tries in a layer before saving them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from soundscapes.models.jobs import Job, JobQuerySet, State, unfinished_index

if TYPE_CHECKING:
    from soundscapes.models.users import User

KEPT_FOR = timedelta(hours=1)


class PreviewQuerySet(JobQuerySet["Preview"]):
    def visible(self) -> Self:
        return self.filter(generation__deleted_at=None)

    def expired(self) -> Self:
        return self.filter(queued_at__lt=timezone.now() - KEPT_FOR)

    def finished_by(self, user: User) -> Self:
        """Return the user's finished previews, newest first."""
        return self.finished().filter(generation__owner=user).order_by("-queued_at", "-pk")


def preview_path(preview: Preview, filename: str) -> str:
    return f"{preview.generation.folder}/{filename}"


class Preview(Job):
    """A category or clip in one layer of a finished soundscape, rendered alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey(
        "soundscapes.Generation", on_delete=models.CASCADE, related_name="previews"
    )
    place = models.PositiveSmallIntegerField(help_text="Number of the layer.")
    category = models.ForeignKey(
        "soundscapes.Category", on_delete=models.CASCADE, related_name="previews"
    )
    clip = models.CharField(
        max_length=64, blank=True, help_text="Checksum of the only clip to use, if one is chosen."
    )
    file = models.FileField(upload_to=preview_path, max_length=200, blank=True, editable=False)

    objects = PreviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="preview_once", fields=["generation", "place", "category", "clip"]
            ),
            models.CheckConstraint(
                name="preview_ready_has_file", condition=~Q(state=State.READY) | ~Q(file="")
            ),
        ]
        indexes = [
            models.Index(name="preview_expiry", fields=["queued_at"]),
            unfinished_index("preview_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.category} in layer {self.place} of {self.generation}"
