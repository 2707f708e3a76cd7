"""Signs of life of the workers."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone


class HeartbeatManager(models.Manager["Heartbeat"]):
    def beat(self) -> None:
        self.update_or_create(pk=1, defaults={"beat_at": timezone.now()})

    def latest_beat(self) -> datetime | None:
        return self.values_list("beat_at", flat=True).first()


class Heartbeat(models.Model):
    """When a worker last finished a task: one row, which every worker touches."""

    beat_at = models.DateTimeField()

    objects = HeartbeatManager()

    def __str__(self) -> str:
        return f"{self.beat_at:%Y-%m-%d %H:%M:%S}"
