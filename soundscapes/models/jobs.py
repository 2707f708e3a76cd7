"""Work that a worker does for a row: its state, its attempts and who holds it.

The queue may deliver a task twice, or for ever (a task that kills its worker is never counted by
django-q2), so the truth is kept here: a job is claimed by one conditional UPDATE that counts the
attempt and takes a lease, and what it brings is written only while that claim still stands.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self, TypeVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

MAX_ATTEMPTS = 3
LEASE = timedelta(seconds=60)


class State(models.TextChoices):
    NEW = "new", "Not asked for yet"
    QUEUED = "queued", "Queued"
    MATCHING = "matching", "Matching"
    RENDERING = "rendering", "Rendering"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE_STATES = (State.QUEUED, State.MATCHING, State.RENDERING)
FINAL_STATES = (State.READY, State.FAILED, State.CANCELLED)
RETRIED_STATES = (State.FAILED, State.CANCELLED)


class Literal(models.Value):
    """A word written into the statement. SQLite looks for an index that has a condition while it
    does not know the parameters yet, and reads whole tables without it."""

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return f"'{self.value}'", ()


class Job(models.Model):
    """Base of rows that a worker completes."""

    state = models.CharField(max_length=10, choices=State, default=State.NEW, editable=False)
    stage = models.CharField(max_length=100, blank=True, editable=False)
    progress = models.PositiveSmallIntegerField(
        default=0, editable=False, validators=[MaxValueValidator(100)], help_text="Percent."
    )
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    claimed_by = models.CharField(max_length=200, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False, help_text="In words for its owner.")
    queued_at = models.DateTimeField(null=True, blank=True, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES


JobT = TypeVar("JobT", bound=Job)


class JobQuerySet(models.QuerySet[JobT]):
    """Claiming and releasing, each as one UPDATE."""

    def visible(self) -> Self:
        """What its owner is shown."""
        return self.all()

    def counted(self) -> Self:
        """What counts in a backlog: one row for each request."""
        return self.all()

    def finished(self) -> Self:
        return self.filter(state=State.READY)

    def unfinished(self) -> Self:
        """In no order: to sort by what has an index, SQLite would read the whole table."""
        active = [Literal(state.value) for state in ACTIVE_STATES]
        return self.filter(state__in=active).order_by()

    def cancel(self, pk: Any, words: str) -> bool:
        """End the job, whoever holds it; False when it has ended already."""
        return bool(
            self.unfinished()
            .filter(pk=pk)
            .update(
                state=State.CANCELLED,
                stage="Cancelled",
                error=words,
                claimed_by="",
                leased_until=None,
                finished_at=timezone.now(),
            )
        )

    def claimable(self) -> Self:
        """Unfinished, held by nobody (any more), and waiting for no other job."""
        free = Q(leased_until=None) | Q(leased_until__lt=timezone.now())
        return self.unfinished().filter(free)

    def claim(self, pk: Any, worker: str) -> bool:
        """Take the job for `worker`; False when it is done, held by another, or used up."""
        now = timezone.now()
        return bool(
            self.claimable()
            .filter(pk=pk, attempts__lt=MAX_ATTEMPTS)
            .update(
                attempts=F("attempts") + 1,
                claimed_by=worker,
                leased_until=now + LEASE,
                started_at=now,
                error="",
            )
        )

    def exhausted(self) -> Self:
        """Every attempt ended with a dead worker."""
        return self.claimable().filter(attempts__gte=MAX_ATTEMPTS)

    def held(self, pk: Any, worker: str) -> Self:
        """The job, if `worker` still holds it."""
        return self.unfinished().filter(pk=pk, claimed_by=worker)

    def lapsed(self) -> Self:
        """Taken by a worker that has not been heard of since its lease ended."""
        return self.unfinished().filter(leased_until__lt=timezone.now())

    def waiting(self) -> Self:
        """Nobody has taken them (again) yet."""
        return self.unfinished().filter(state=State.QUEUED, leased_until=None)
