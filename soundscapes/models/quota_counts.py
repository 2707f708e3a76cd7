"""Counts of requests against quotas."""

from collections.abc import Collection
from datetime import datetime
from typing import Self

from django.db import connection, models
from django.utils import timezone

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
