"""Everything that workers do or have done for one person, in one list."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Q, QuerySet, Value

from soundscapes.models.exports import Export
from soundscapes.models.generations import Generation
from soundscapes.models.images import Image
from soundscapes.models.jobs import Job, State
from soundscapes.models.renditions import Rendition
from soundscapes.models.users import User


class WorkKind(models.TextChoices):
    MATCHING = "matching", "Matching a picture"
    GENERATION = "generation", "Making a soundscape"
    CONVERSION = "conversion", "Converting a soundscape"
    EXPORT = "export", "Packing everything of yours"


KINDS: dict[type[Job], WorkKind] = {
    Image: WorkKind.MATCHING,
    Generation: WorkKind.GENERATION,
    Rendition: WorkKind.CONVERSION,
    Export: WorkKind.EXPORT,
}
OWNERS: dict[type[Image] | type[Generation] | type[Rendition], str] = {
    Image: "owner",
    Generation: "owner",
    Rendition: "generation__owner",
}


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
NO_FORMAT = Value("", models.CharField())


def _rows(
    jobs: QuerySet[Any],
    kinds: Collection[str],
    about: str = "id",
    sound_format: Value | F = NO_FORMAT,
) -> QuerySet[Any, Row]:
    kind = KINDS[jobs.model]
    wanted = jobs if kind in kinds else jobs.none()
    return wanted.order_by().values(
        *FIELDS,
        kind=Value(kind, models.CharField()),
        about=F(about),
        sound_format=sound_format,
    )


def work_of(
    user: User, kinds: Collection[str] = WorkKind.values, states: Collection[str] = State.values
) -> QuerySet[Any, Row]:
    """A user's jobs of all tables as rows that have `FIELDS`, `kind`, what they are `about` (the
    id of the picture or soundscape), and for a conversion its `sound_format`."""
    asked = [state for state in states if state != State.NEW]
    images = Image.objects.filter(owner=user, state__in=asked)
    generations = Generation.objects.owned_by(user).filter(state__in=asked)
    renditions = _renditions_of(user).filter(state__in=asked)
    exports = Export.objects.of(user).filter(state__in=asked)
    return _rows(images, kinds).union(
        _rows(generations, kinds),
        _rows(renditions, kinds, about="generation_id", sound_format=F("format")),
        _rows(exports, kinds),
        all=True,
    )


def count_unfinished(user: User) -> tuple[int, int]:
    """How many jobs are waiting or being done: those of a user, and those of all users."""
    counts = [
        kind.objects.unfinished().aggregate(
            own=Count("pk", filter=Q(**{owner: user})), everybody_s=Count("pk")
        )
        for kind, owner in OWNERS.items()
    ]
    return sum(row["own"] for row in counts), sum(row["everybody_s"] for row in counts)


def _renditions_of(user: User) -> QuerySet[Rendition]:
    return Rendition.objects.filter(generation__in=Generation.objects.owned_by(user))


def work_row(job: Job) -> Row:
    """One job as a row of `work_of`."""
    about, sound_format = job.pk, ""
    if isinstance(job, Rendition):
        about, sound_format = job.generation_id, job.format
    own = {"kind": KINDS[type(job)], "about": about, "sound_format": sound_format}
    return {name: getattr(job, name) for name in FIELDS} | own


def find_job(user: User, pk: UUID) -> Job | None:
    """One's own job by its id: that of the picture or the soundscape, or a conversion's own."""
    jobs: tuple[QuerySet[Any], ...] = (
        Generation.objects.owned_by(user),
        Image.objects.filter(owner=user).exclude(state=State.NEW),
        _renditions_of(user),
        Export.objects.of(user),
    )
    return next((job for rows in jobs if (job := rows.filter(pk=pk).first())), None)
