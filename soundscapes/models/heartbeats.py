"""Heartbeats of the workers."""

import socket
from datetime import datetime

from django.db import models
from django.db.models import Max
from django.utils import timezone

MAX_TROUBLE = 300


class HeartbeatManager(models.Manager["Heartbeat"]):
    def beat(self) -> None:
        self.update_or_create(host=socket.gethostname(), defaults={"beat_at": timezone.now()})

    def report(self, trouble: str) -> None:
        """Note a failure of a device of this machine's workers, or that there is none."""
        self.filter(host=socket.gethostname()).update(trouble=trouble[:MAX_TROUBLE])

    def troubles(self) -> dict[str, str]:
        """Return the failures by machine."""
        return dict(self.exclude(trouble="").order_by("host").values_list("host", "trouble"))

    def latest_beat(self) -> datetime | None:
        latest: datetime | None = self.aggregate(latest=Max("beat_at"))["latest"]
        return latest

    def beat_of_this_host(self) -> datetime | None:
        beats = self.filter(host=socket.gethostname())
        return beats.values_list("beat_at", flat=True).first()


class Heartbeat(models.Model):
    """The last sign of life of a machine's workers, one row per machine."""

    host = models.CharField(max_length=200, unique=True)
    beat_at = models.DateTimeField()
    trouble = models.CharField(
        max_length=MAX_TROUBLE,
        blank=True,
        help_text="The failure that made the encoder fall back to the CPU.",
    )

    objects = HeartbeatManager()

    def __str__(self) -> str:
        return f"{self.host}: {self.beat_at:%Y-%m-%d %H:%M:%S}"
