"""The queue's messages beside the jobs they are for.

Matchings and soundscapes take turns: their messages are tickets, of which there has to be one for
each unfinished job, whichever it was written for. Other messages name the job that they are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django_q.models import OrmQ
from django_q.signing import BadSignature, SignedPackage

from soundscapes.jobs import queue, scheduler
from soundscapes.models.jobs import Job

PREFIX = "soundscapes.jobs.tasks."


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was read; `kind` is None where nobody knows what it asks for."""

    pk: int
    lock: datetime | None
    what: str
    kind: type[Job] | None
    key: str


def jobs_in_limbo() -> list[Job]:
    """Unfinished jobs that nobody works on, and that no message will bring to a worker."""
    found = {job.pk: job for job in queue.orphans()}
    messages = _read()
    for kind in queue.TASKS:
        if kind not in scheduler.KINDS:
            named = {message.key for message in messages if message.kind is kind}
            stranded = queue.all_of(kind).stranded()
            found |= {job.pk: job for job in stranded if str(job.pk) not in named}
    missing = len(_unfinished_turns()) - len(_tickets(messages))
    untold = [job for kind in scheduler.KINDS for job in queue.all_of(kind).stranded()]
    untold.sort(key=lambda job: job.queued_at)
    found |= {job.pk: job for job in untold[: max(0, missing)]}
    return list(found.values())


def superfluous() -> list[Message]:
    """Messages that bring nothing about: unreadable, of jobs that are over, tickets too many."""
    messages = _read()
    unfinished = _unfinished_turns()
    tickets = [message for message in _tickets(messages) if message.key not in unfinished]
    too_many = max(0, len(_tickets(messages)) - len(unfinished))
    return [*(each for each in messages if _is_void(each)), *tickets[:too_many]]


def delete(message: Message) -> int:
    """Unless somebody has taken it since it was read; how many."""
    deleted, _models = OrmQ.objects.filter(pk=message.pk, lock=message.lock).delete()
    return deleted


def _read() -> list[Message]:
    rows = OrmQ.objects.order_by("pk").values_list("pk", "lock", "payload")
    return [_opened(*row) for row in rows.iterator()]


def _opened(pk: int, lock: datetime | None, payload: str) -> Message:
    try:
        package: dict[str, Any] = SignedPackage.loads(payload)
    except (BadSignature, TypeError):
        return Message(pk, lock, "cannot be read", None, "")
    task = str(package["func"]).removeprefix(PREFIX)
    kind = next((kind for kind, name in queue.TASKS.items() if name == task), None)
    return Message(pk, lock, task, kind, str(next(iter(package["args"]), "")))


def _is_void(message: Message) -> bool:
    if message.kind is None:
        return message.what == "cannot be read"
    if message.kind in scheduler.KINDS:
        return False
    return not queue.all_of(message.kind).unfinished().filter(pk=message.key).exists()


def _tickets(messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.kind in scheduler.KINDS]


def _unfinished_turns() -> set[str]:
    keys = (
        queue.all_of(kind).unfinished().values_list("pk", flat=True) for kind in scheduler.KINDS
    )
    return {str(key) for some in keys for key in some}
