"""Counts of requests against quotas, and stored responses to idempotent requests."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self

from django.db import connection, models
from django.utils import timezone

LIFETIME = timedelta(hours=24)
COUNT_ONE_MORE = (
    "INSERT INTO {table} (key, ends_at, count) VALUES (%s, %s, 1) "
    "ON CONFLICT (key) DO UPDATE SET count = {table}.count + 1 RETURNING count"
)


class QuotaCountQuerySet(models.QuerySet["QuotaCount"]):
    def increment(self, key: str, ends_at: datetime) -> int:
        """Add one and return the count, in one atomic statement that the ORM lacks."""
        statement = COUNT_ONE_MORE.format(table=self.model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(statement, [key, connection.ops.adapt_datetimefield_value(ends_at)])
            count: int = cursor.fetchone()[0]
        return count

    def counts(self, keys: Collection[str]) -> dict[str, int]:
        return dict(self.filter(key__in=keys).values_list("key", "count"))

    def ended(self) -> Self:
        return self.filter(ends_at__lt=timezone.now())


class QuotaCount(models.Model):
    """The number of requests of one kind in one window of time."""

    key = models.CharField(max_length=100, primary_key=True)
    ends_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    objects = QuotaCountQuerySet.as_manager()

    def __str__(self) -> str:
        return self.key


class CacheEntry(models.Model):
    """The table of Django's database cache, which counts attempts at codes if Redis does not."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "cache entries"

    def __str__(self) -> str:
        return self.cache_key


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
