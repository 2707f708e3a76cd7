"""A user's jobs of every listed kind in one list."""

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from soundscapes.jobs.kinds import JobKind, kind_of, listed_kinds
from soundscapes.models import State, User
from soundscapes.models.jobs import ACTIVE_STATES, Job, Row

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


class Jobs:
    """A user's jobs of some kinds in some states; of all by default."""

    def __init__(
        self,
        user: User,
        kinds: Collection[str] | None = None,
        states: Collection[str] | None = None,
    ) -> None:
        in_states = ~Q(state=State.NEW) if states is None else Q(state__in=states)
        self._by_kind = [
            (kind, kind.owned_by(user).filter(in_states).order_by())
            for kind in listed_kinds()
            if kinds is None or kind.name in kinds
        ]

    @cached_property
    def _counts(self) -> dict[str, int]:
        return dict(_union(_count(kind, jobs) for kind, jobs in self._by_kind))

    def count(self) -> int:
        return sum(self._counts.values())

    def rows(self) -> QuerySet[Any, Row]:
        """Return rows with `FIELDS`, the `kind`, and the name and key of the result's URL.

        These are `result`, which may end in a query string, and `about`. Kinds without rows are
        left out: compiling the statement takes longer than running it.
        """
        return _union(
            _rows(kind, jobs) for kind, jobs in self._by_kind if self._counts.get(kind.name)
        )


def _union(parts: Iterable[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
    return listed_kinds()[0].jobs.none().union(*parts, all=True)


def _count(kind: JobKind, jobs: QuerySet[Any]) -> QuerySet[Any, Any]:
    named = jobs.values(kind=Value(kind.name, CharField()))
    counts: QuerySet[Any, Any] = named.annotate(jobs=Count("*")).values_list("kind", "jobs")
    return counts


def _rows(kind: JobKind, jobs: QuerySet[Any]) -> QuerySet[Any, Row]:
    return jobs.values(
        *FIELDS,
        kind=Value(kind.name, CharField()),
        result=_named(kind.result),
        about=F(kind.about),
    )


def _named(result: str | Combinable) -> Combinable:
    return Value(result, CharField()) if isinstance(result, str) else result


def row_of(job: Job) -> Row:
    return _rows(kind_of(job), kind_of(job).jobs.filter(pk=job.pk)).get()


def unfinished_of(user: User, without: Collection[str]) -> list[Row]:
    """Return rows with the `label` of their kind, too."""
    labels = {kind.name: kind.label for kind in listed_kinds() if kind.name not in without}
    rows = Jobs(user, labels, ACTIVE_STATES).rows().order_by("queued_at")
    return [row | {"label": labels[row["kind"]]} for row in rows]


def find_job(user: User, pk: UUID) -> Job | None:
    """Return the user's job with this id, for most kinds the id of its result, or None."""
    for kind in listed_kinds():
        job: Job | None = kind.owned_by(user).exclude(state=State.NEW).filter(pk=pk).first()
        if job is not None:
            return job
    return None
