"""Everything that workers do or have done for one person, in one list."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import QuerySet, Value

from soundscapes.models.generations import Generation
from soundscapes.models.images import Image
from soundscapes.models.jobs import Job, State
from soundscapes.models.users import User


class WorkKind(models.TextChoices):
    MATCHING = "matching", "Matching a picture"
    GENERATION = "generation", "Making a soundscape"


Row = dict[str, Any]
FIELDS = (
    "id",
    "state",
    "stage",
    "progress",
    "error",
    "queued_at",
    "started_at",
    "finished_at",
)


def _rows(jobs: QuerySet[Any], kind: WorkKind, kinds: Collection[str]) -> QuerySet[Any, Row]:
    wanted = jobs if kind in kinds else jobs.none()
    return wanted.order_by().values(*FIELDS, kind=Value(kind, models.CharField()))


def work_of(
    user: User, kinds: Collection[str] = WorkKind.values, states: Collection[str] = State.values
) -> QuerySet[Any, Row]:
    """A user's jobs of both tables as rows that have `FIELDS` and `kind`."""
    asked = [state for state in states if state != State.NEW]
    images = Image.objects.filter(owner=user, state__in=asked)
    generations = Generation.objects.owned_by(user).filter(state__in=asked)
    return _rows(images, WorkKind.MATCHING, kinds).union(
        _rows(generations, WorkKind.GENERATION, kinds), all=True
    )


def work_row(job: Job) -> Row:
    """One job as a row of `work_of`."""
    kind = WorkKind.GENERATION if isinstance(job, Generation) else WorkKind.MATCHING
    return {name: getattr(job, name) for name in FIELDS} | {"id": job.pk, "kind": kind}


def find_work(user: User, pk: UUID) -> Row | None:
    """One's own job by its id, which is that of the picture or the soundscape."""
    jobs: tuple[QuerySet[Any], ...] = (
        Generation.objects.owned_by(user),
        Image.objects.filter(owner=user).exclude(state=State.NEW),
    )
    for rows in jobs:
        if job := rows.filter(pk=pk).first():
            return work_row(job)
    return None
