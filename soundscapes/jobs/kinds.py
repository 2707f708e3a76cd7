"""Registry of the kinds of job.

A kind defines what the worker calls, whose turn and limits a job counts against, what its owner
sees and which files belong to its rows. Claiming, retrying, recovering, listing and cleanup follow
from that. soundscapes/kinds.py lists the kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, Count, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from soundscapes.files.columns import FileColumn
from soundscapes.models.jobs import Job, JobQuerySet

if TYPE_CHECKING:
    from soundscapes.jobs.claims import Claim

DIED = (
    "The worker crashed each time it tried this. "
    "Retry. If it happens again, try another image or a shorter soundscape."
)
CANCELLED = "You cancelled this. Retry to run it again."


def _nothing(_job: Any) -> None:
    return None


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job.

    `run` does a claimed job in the worker and ends with `claim.finish()`. `owner` is the lookup of
    the user whose turn and limits the job counts against. An unlisted kind appears only in the
    admin and counts towards no backlog.
    """

    name: str
    label: str
    model: type[Job]
    run: Callable[[Claim], None]
    owner: str = "owner"
    listed: bool = True
    result: str | Combinable = ""
    """Name of the URL of a finished job's result, looked up by the field `about`.

    A query string can follow.
    """
    about: str = "pk"
    growth: Combinable | Value = field(default_factory=lambda: Value(0))
    """Bytes that an unfinished job is expected to add to the files."""
    quick: Q | None = None
    """Jobs of this kind that take seconds at most; longer jobs let them run in between."""
    died: str = DIED
    """Message for the owner when every attempt has ended with a dead worker."""
    cancelled: str = CANCELLED
    admit: Callable[[Any], None] = _nothing
    """Check the owner's limits before a retry; raises LimitError."""
    ended: Callable[[Any], None] = _nothing
    """Called with the key of a job that is ready or failed, in the transaction that ends it."""
    discard: Callable[[Any], None] = _nothing
    """Delete the files of killed attempts."""
    files: tuple[FileColumn, ...] = ()
    is_file: bool = False
    """The file is the whole result: if it is lost, the job is deleted."""
    purge: Callable[[], object] | None = None
    """Delete expired rows; called every minute."""

    @property
    def jobs(self) -> JobQuerySet[Any]:
        return self.model._default_manager.all()  # type: ignore[return-value]

    def owned_by(self, user: object) -> QuerySet[Any]:
        return self.jobs.filter(**{self.owner: user}).visible()


_kinds: dict[type[Job], JobKind] = {}


def register(*kinds: JobKind) -> None:
    for kind in kinds:
        _kinds[kind.model] = kind


def job_kinds() -> list[JobKind]:
    """Return all kinds in order of registration, which breaks ties."""
    return list(_kinds.values())


def listed_kinds() -> list[JobKind]:
    return [kind for kind in _kinds.values() if kind.listed]


def kind_of(job: Job) -> JobKind:
    return _kinds[type(job)]


def kinds_in_progress() -> list[JobKind]:
    """Return the kinds that have unfinished jobs.

    One statement for all kinds, compiled once: asking each by the ORM takes ten times as long.
    """
    kinds = job_kinds()
    with connection.cursor() as cursor:
        cursor.execute(*_in_progress(tuple(kind.model for kind in kinds), connection.vendor))
        return [kinds[number] for (number,) in cursor.fetchall()]


@lru_cache(maxsize=4)
def _in_progress(models: Sequence[type[Job]], _vendor: str) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that selects the positions of models with unfinished jobs."""
    compiled = [
        _kinds[model].jobs.unfinished().values("pk")[:1].query.sql_with_params() for model in models
    ]
    branches = (f"SELECT {at} WHERE EXISTS ({sql})" for at, (sql, _) in enumerate(compiled))
    return " UNION ALL ".join(branches), tuple(value for _, values in compiled for value in values)


def choices() -> list[tuple[str, str]]:
    return [(kind.name, kind.label) for kind in listed_kinds()]


class Backlog(NamedTuple):
    """Unfinished requests of a user and of all users, and the bytes they are expected to add."""

    own: int
    total: int
    growth: int


def count_own_unfinished(user: Any) -> int:
    return sum(
        kind.jobs.counted().unfinished().filter(**{kind.owner: user}).count()
        for kind in kinds_in_progress()
        if kind.listed
    )


def count_unfinished(user: Any) -> Backlog:
    counts = [
        kind.jobs.counted()
        .unfinished()
        .aggregate(
            own=Count("pk", filter=Q(**{kind.owner: user})),
            all=Count("pk"),
            growth=Coalesce(Sum(kind.growth), 0, output_field=BigIntegerField()),
        )
        for kind in kinds_in_progress()
        if kind.listed
    ]
    return Backlog(*(sum(row[name] for row in counts) for name in ("own", "all", "growth")))
