"""Files of soundscapes that are made when somebody asks for them."""

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


class Format(models.TextChoices):
    FLAC = "flac", "FLAC"
    LAYERS = "layers", "layers"
    OGG = "ogg", "Ogg Vorbis"
    MP3 = "mp3", "MP3"
    SPECTROGRAM = "spectrogram", "spectrogram"


WITHOUT_FILE = (Format.FLAC, Format.LAYERS)
"""Formats whose files belong to the soundscape and to its layers."""
CHARGED = (Format.OGG, Format.MP3)
"""Formats that need room in the owner's storage before they are made."""


class RenditionQuerySet(JobQuerySet["Rendition"]):
    def visible(self) -> Self:
        return self.filter(generation__deleted_at=None)

    def charged_to(self, user: User) -> Self:
        return self.visible().filter(generation__owner=user, format__in=CHARGED)


def rendition_path(rendition: Rendition | StreamBlock, filename: str) -> str:
    return f"{rendition.generation.folder}/{filename}"


class Rendition(Job):
    """A finished soundscape in one format, stored in its folder and deleted with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey(
        "soundscapes.Generation", on_delete=models.CASCADE, related_name="renditions"
    )
    format = models.CharField(max_length=12, choices=Format)
    file = models.FileField(upload_to=rendition_path, max_length=200, blank=True, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False, help_text="Bytes.")
    title = models.TextField(blank=True, editable=False, help_text="The title in its tags.")

    objects = RenditionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="rendition_once", fields=["generation", "format"]),
            models.CheckConstraint(
                name="rendition_ready_has_file",
                condition=~Q(state=State.READY) | ~Q(file="") | Q(format__in=WITHOUT_FILE),
            ),
        ]
        indexes = [unfinished_index("rendition_unfinished")]

    def __str__(self) -> str:
        return f"{self.generation} as {self.get_format_display()}"


class Fades(models.TextChoices):
    NONE = "", "none"
    IN = "in", "in"
    OUT = "out", "out"


class StreamBlockQuerySet(JobQuerySet["StreamBlock"]):
    def visible(self) -> Self:
        return self.filter(generation__deleted_at=None)

    def waiting_for(self, age: timedelta) -> Self:
        """Return blocks that have waited longer than `age`."""
        return self.waiting().filter(queued_at__lt=timezone.now() - age)

    def unused_for(self, age: timedelta) -> Self:
        return self.filter(used_at__lt=timezone.now() - age)

    def ended_without_file(self) -> Self:
        return self.filter(state__in=(State.FAILED, State.CANCELLED))


class StreamBlock(Job):
    """A minute of an endless soundscape as MP3, shared by all that listen to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey(
        "soundscapes.Generation", on_delete=models.CASCADE, related_name="stream_blocks"
    )
    number = models.PositiveIntegerField(help_text="Minutes since the soundscape began.")
    fades = models.CharField(max_length=3, choices=Fades, blank=True, default=Fades.NONE)
    file = models.FileField(upload_to=rendition_path, max_length=200, blank=True, editable=False)
    size = models.PositiveIntegerField(default=0, editable=False, help_text="Bytes.")
    used_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = StreamBlockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="stream_block_once", fields=["generation", "number", "fades"]
            ),
            models.CheckConstraint(
                name="stream_block_ready_has_file", condition=~Q(state=State.READY) | ~Q(file="")
            ),
        ]
        indexes = [
            models.Index(name="stream_block_use", fields=["used_at"]),
            unfinished_index("streamblock_unfinished"),
        ]

    def __str__(self) -> str:
        return f"Minute {self.number} of {self.generation_id}"
