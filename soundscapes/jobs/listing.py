"""A user's jobs of every listed kind in one list."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from soundscapes.jobs.kinds import JobKind, kind_of, listed_kinds
from soundscapes.models import State, User
from soundscapes.models.jobs import ACTIVE_STATES, Job

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


def jobs_of(
    user: User, kinds: Collection[str] | None = None, states: Collection[str] | None = None
) -> QuerySet[Any, Row]:
    """Return rows with `FIELDS`, the `kind` and its `label`, and the parts of the result's URL.

    These are the URL's name (`result`), key (`about`) and query string (`query`).
    """
    first, *others = (_rows(kind, jobs) for kind, jobs in _by_kind(user, kinds, states))
    return first.union(*others, all=True)


def count_jobs(
    user: User, kinds: Collection[str] | None = None, states: Collection[str] | None = None
) -> int:
    """Count the rows of `jobs_of` without their columns, which takes half as long."""
    first, *others = (jobs.order_by().values("pk") for _, jobs in _by_kind(user, kinds, states))
    return first.union(*others, all=True).count()


def _by_kind(
    user: User, kinds: Collection[str] | None, states: Collection[str] | None
) -> Iterator[tuple[JobKind, QuerySet[Any]]]:
    in_states = ~Q(state=State.NEW) if states is None else Q(state__in=states)
    for kind in listed_kinds():
        is_asked_for = kinds is None or kind.name in kinds
        jobs = kind.owned_by(user).filter(in_states) if is_asked_for else kind.jobs.none()
        yield kind, jobs


def _rows(kind: JobKind, jobs: QuerySet[Any]) -> QuerySet[Any, Row]:
    return jobs.order_by().values(
        *FIELDS,
        kind=Value(kind.name, CharField()),
        label=Value(kind.label, CharField()),
        result=_named(kind.result),
        about=F(kind.about),
        query=kind.query,
    )


def _named(result: str | Combinable) -> Combinable:
    return Value(result, CharField()) if isinstance(result, str) else result


def row_of(job: Job) -> Row:
    return _rows(kind_of(job), kind_of(job).jobs.filter(pk=job.pk)).get()


def unfinished_of(user: User, without: Collection[str]) -> QuerySet[Any, Row]:
    names = [kind.name for kind in listed_kinds() if kind.name not in without]
    return jobs_of(user, names, ACTIVE_STATES).order_by("queued_at")


def find_job(user: User, pk: UUID) -> Job | None:
    """Return the user's job with this id, for most kinds the id of its result, or None."""
    for kind in listed_kinds():
        job: Job | None = kind.owned_by(user).exclude(state=State.NEW).filter(pk=pk).first()
        if job is not None:
            return job
    return None
