"""Stored responses to idempotent requests."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone

LIFETIME = timedelta(hours=24)


class IdempotencyRecordQuerySet(models.QuerySet["IdempotencyRecord"]):
    def expired(self) -> Self:
        return self.filter(created_at__lt=timezone.now() - LIFETIME)


class IdempotencyRecord(models.Model):
    user = models.ForeignKey("soundscapes.User", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the request.")
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=500, blank=True)
    body = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotencyRecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="answer_once_per_key", fields=["user", "key"]),
        ]

    def __str__(self) -> str:
        return self.key
