"""Base class of jobs: state, attempts and lease.

django-q2 may deliver a task twice, or endlessly if it kills its worker before being counted.
Therefore one conditional UPDATE claims a job, counts the attempt and takes a lease. Results are
written only while the claim is held.
"""

from datetime import timedelta
from typing import Any, Self, TypeVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

Row = dict[str, Any]
"""A row as `QuerySet.values()` returns it."""

MAX_ATTEMPTS = 3
LEASE = timedelta(seconds=60)


class State(models.TextChoices):
    NEW = "new", "Not requested"
    QUEUED = "queued", "Queued"
    MATCHING = "matching", "Matching"
    RENDERING = "rendering", "Rendering"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE_STATES = (State.QUEUED, State.MATCHING, State.RENDERING)
FINAL_STATES = (State.READY, State.FAILED, State.CANCELLED)
RETRIED_STATES = (State.FAILED, State.CANCELLED)


FREE: dict[str, Any] = {"claimed_by": "", "leased_until": None}
"""Fields of a job that no worker holds."""


def queued(stage: str) -> dict[str, Any]:
    """Return the fields of a job that starts waiting now."""
    return FREE | {"state": State.QUEUED, "stage": stage, "queued_at": timezone.now()}


def ended(state: State, stage: str) -> dict[str, Any]:
    """Return the fields of a job that ends now."""
    return FREE | {"state": state, "stage": stage, "finished_at": timezone.now()}


def unfinished_index(name: str) -> models.Index:
    condition = Q(state__in=ACTIVE_STATES)
    return models.Index(name=name, fields=["leased_until"], condition=condition)


class Literal(models.Value):
    """A constant in the SQL text: SQLite ignores partial indexes for parameters."""

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return f"'{self.value}'", ()


class Job(models.Model):
    state = models.CharField(max_length=10, choices=State, default=State.NEW, editable=False)
    stage = models.CharField(max_length=100, blank=True, editable=False)
    progress = models.PositiveSmallIntegerField(
        default=0, editable=False, validators=[MaxValueValidator(100)], help_text="Percent."
    )
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    claimed_by = models.CharField(max_length=200, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False, help_text="Message for its owner.")
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
    def visible(self) -> Self:
        return self.all()

    def counted(self) -> Self:
        """Return one row per request, for backlogs."""
        return self.all()

    def finished(self) -> Self:
        return self.filter(state=State.READY)

    def unfinished(self) -> Self:
        """Return them unordered, because an indexed sort makes SQLite read the whole table."""
        active = [Literal(state.value) for state in ACTIVE_STATES]
        return self.filter(state__in=active).order_by()

    def cancel(self, pk: Any, message: str) -> bool:
        """End the job, even if a worker holds it; return False if it has already ended."""
        fields = ended(State.CANCELLED, "Cancelled")
        return bool(self.unfinished().filter(pk=pk).update(error=message, **fields))

    def claimable(self) -> Self:
        """Return unfinished jobs that no worker holds and that wait for no other job."""
        free = Q(leased_until=None) | Q(leased_until__lt=timezone.now())
        return self.unfinished().filter(free)

    def claim(self, pk: Any, worker: str) -> bool:
        """Claim the job; return False if it has ended, is held, or has no attempts left."""
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
        """Return jobs whose attempts have all ended with a dead worker."""
        return self.claimable().filter(attempts__gte=MAX_ATTEMPTS)

    def held(self, pk: Any, worker: str) -> Self:
        """Return the job if `worker` still holds it."""
        return self.unfinished().filter(pk=pk, claimed_by=worker)

    def lapsed(self) -> Self:
        """Return jobs with an expired lease."""
        return self.unfinished().filter(leased_until__lt=timezone.now())

    def waiting(self) -> Self:
        """Return queued jobs that no worker holds."""
        return self.unfinished().filter(state=State.QUEUED, leased_until=None)
