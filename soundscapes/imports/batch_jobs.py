"""What administrators have the worker do, from the click to the report.

The worker goes through a chore item by item, and after a while queues it again behind whatever
users have asked for meanwhile. The report is what remembers how far it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from soundscapes.engine.errors import EngineError
from soundscapes.files import journal
from soundscapes.imports import handlers
from soundscapes.jobs import queue
from soundscapes.models import Chore, State, User
from soundscapes.models.chores import Row
from soundscapes.models.jobs import RETRIED_STATES

SLICE = 20.0  # seconds before others have their turn
SAVE_INTERVAL = 1.0  # seconds of work that a killed worker loses at most, in the report
CANCELLED = "This was cancelled. What had been done by then stays."


class ChoreError(EngineError):
    """A chore that cannot go on; the message says why."""


def create_chore(
    user: User,
    kind: Chore.Kind,
    subject: str,
    options: dict[str, Any],
    *,
    uploads: Sequence[File[bytes]] = (),
    is_trial: bool = False,
) -> Chore:
    """Have something done: the files are put away first, then the row that names them."""
    chore = Chore(
        kind=kind,
        subject=subject[:200],
        options=dict(options),
        created_by=user,
        is_trial=is_trial,
        has_files=bool(uploads),
    )
    with journal.storing(f"{chore.folder}/"):
        _put_away(chore, uploads)
    chore.refresh_from_db()
    return chore


def _put_away(chore: Chore, uploads: Sequence[File[bytes]]) -> None:
    try:
        if uploads:
            chore.options["files"] = [
                {"name": file.name, "stored": default_storage.save(f"{chore.folder}/{at}", file)}
                for at, file in enumerate(uploads)
            ]
        with transaction.atomic():
            chore.save(force_insert=True)
            queue.enqueue(chore)
    except BaseException:
        journal.delete(f"{chore.folder}/")
        raise


def confirm(chore: Chore) -> bool:
    """After a dry run: do it. False where there is nothing to confirm (any more)."""
    with transaction.atomic():
        ready = Chore.objects.filter(pk=chore.pk, is_trial=True, state=State.READY)
        if not ready.update(is_trial=False, rows=[], total=0):
            return False
        queue.enqueue(chore)
    return True


def cancel(chore: Chore) -> bool:
    """Stop it; a worker that is at it notices at its next item."""
    return Chore.objects.cancel(chore.pk, CANCELLED)


def retry(chore: Chore) -> bool:
    """Go on with what failed or was cancelled, after the last item of its report."""
    if chore.state not in RETRIED_STATES:
        return False
    queue.enqueue(chore)
    return True


def do(pk: str) -> None:
    """Go on with a chore whose turn has come, for a while."""
    claim = queue.claim(Chore.objects.all(), pk)
    if claim is None:
        return
    with queue.failing_in_words(claim):
        chore = Chore.objects.get(pk=claim.pk)
        try:
            is_done = _work(claim, chore)
        except FileNotFoundError as error:
            raise ChoreError(
                "The files this came with are gone from the server. Send them again."
            ) from error
        if is_done and chore.has_files and not chore.is_trial:
            _forget_files(chore)


def _work(claim: queue.Claim, chore: Chore) -> bool:
    """One slice; whether that was the last. Raises LostClaimError once it is cancelled."""
    rows: list[dict[str, Any]] = list(chore.rows)
    started = saved = monotonic()
    with handlers.open_steps(chore) as steps:
        total = len(steps)
        claim.write(stage=steps.stage, total=total)
        for number in range(len(rows), total):
            row: Row = steps.take(number)
            rows.append(row.to_json())
            now = monotonic()
            if now - started > SLICE and number + 1 < total:
                claim.yield_turn(rows=rows, progress=_percent(rows, total), stage=_waiting(rows))
                return False
            if now - saved > SAVE_INTERVAL:
                claim.write(rows=rows, progress=_percent(rows, total))
                saved = now
    claim.finish(rows=rows)
    return True


def _percent(rows: Sequence[object], total: int) -> int:
    return 100 * len(rows) // max(1, total)


def _waiting(rows: Sequence[object]) -> str:
    return f"{len(rows)} done; others have their turn"


def _forget_files(chore: Chore) -> None:
    journal.delete(f"{chore.folder}/")
    Chore.objects.filter(pk=chore.pk).update(has_files=False)


def remove_abandoned() -> None:
    """Delete the files of dry runs that nobody confirmed and of what failed long ago."""
    for chore in Chore.objects.abandoned():
        _forget_files(chore)
