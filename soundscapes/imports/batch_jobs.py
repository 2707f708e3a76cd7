"""Batch jobs of administrators, from request to report.

The worker processes the items one by one, and yields to users' jobs after a while. The report
records the items that are done.
"""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from soundscapes.engine.errors import EngineError
from soundscapes.files import journal
from soundscapes.files.columns import FileColumn
from soundscapes.imports import handlers
from soundscapes.jobs import queue
from soundscapes.jobs.claims import Claim
from soundscapes.jobs.kinds import JobKind
from soundscapes.limits import storage
from soundscapes.models import BatchJob, State, User
from soundscapes.models.batch_jobs import BATCH_JOBS_FOLDER, Row

SLICE = 20.0  # seconds before other jobs have their turn
SAVE_INTERVAL = 1.0  # seconds; at most this much of the report is lost with a killed worker
CANCELLED = "This was cancelled. Finished items are kept."


class BatchJobError(EngineError):
    """The batch job cannot continue."""


def create_batch_job(
    user: User | None,
    kind: BatchJob.Kind,
    subject: str,
    options: dict[str, Any],
    *,
    uploads: Sequence[File[bytes]] = (),
    is_trial: bool = False,
) -> BatchJob:
    """Store the uploads, then the row that names them, and queue the job. Raises DiskFullError."""
    storage.check_disk(sum(file.size for file in uploads))
    batch_job = BatchJob(
        kind=kind,
        subject=subject[:200],
        options=dict(options),
        created_by=user,
        is_trial=is_trial,
        has_files=bool(uploads),
    )
    with journal.storing(f"{batch_job.folder}/"):
        _put_away(batch_job, uploads)
    batch_job.refresh_from_db()
    return batch_job


def _put_away(batch_job: BatchJob, uploads: Sequence[File[bytes]]) -> None:
    try:
        if uploads:
            batch_job.options["files"] = [
                {
                    "name": file.name,
                    "stored": default_storage.save(f"{batch_job.folder}/{at}", file),
                }
                for at, file in enumerate(uploads)
            ]
        with transaction.atomic():
            batch_job.save(force_insert=True)
            queue.enqueue(batch_job)
    except BaseException:
        journal.delete(f"{batch_job.folder}/")
        raise


def confirm(batch_job: BatchJob) -> bool:
    """Queue the real run after a dry run; return False if there is nothing to confirm."""
    with transaction.atomic():
        ready = BatchJob.objects.filter(pk=batch_job.pk, is_trial=True, state=State.READY)
        if not ready.update(is_trial=False, rows=[], total=0):
            return False
        batch_job.state = State.READY
        queue.enqueue(batch_job)
    return True


def cancel(batch_job: BatchJob) -> bool:
    """Cancel the job, which stops before its next item; return False if it has ended."""
    return _has_changed(queue.cancel, batch_job)


def retry(batch_job: BatchJob) -> bool:
    """Continue a failed or cancelled job after its last finished item."""
    return _has_changed(queue.retry, batch_job)


def _has_changed(change: Callable[[BatchJob], None], batch_job: BatchJob) -> bool:
    try:
        change(batch_job)
    except queue.WrongStateError:
        return False
    return True


def make(claim: Claim) -> None:
    """Do one slice of a batch job. Runs in the worker."""
    batch_job = BatchJob.objects.get(pk=claim.pk)
    try:
        is_done = _work(claim, batch_job)
    except FileNotFoundError as error:
        raise BatchJobError(
            "The uploaded files are missing from the server. Upload them again."
        ) from error
    if is_done and batch_job.has_files and not batch_job.is_trial:
        _forget_files(batch_job)


def _work(claim: Claim, batch_job: BatchJob) -> bool:
    """Do one slice and return whether it was the last.

    Raises LostClaimError if cancelled, DiskFullError before the disk's reserve is used up.
    """
    rows: list[dict[str, Any]] = list(batch_job.rows)
    started = saved = monotonic()
    with handlers.open_steps(batch_job) as steps:
        total = len(steps)
        claim.write(stage=steps.stage, total=total)
        for number in range(len(rows), total):
            storage.check_disk(0)
            row: Row = steps.take(number)
            rows.append(row.to_json())
            now = monotonic()
            if now - started > SLICE and number + 1 < total:
                claim.yield_turn(rows=rows, progress=_percent(rows, total), stage=_waiting(rows))
                return False
            if now - saved > SAVE_INTERVAL:
                claim.write(rows=rows, progress=_percent(rows, total))
                saved = now
            claim.give_way()
    claim.finish(rows=rows)
    return True


def _percent(rows: Sequence[object], total: int) -> int:
    return 100 * len(rows) // max(1, total)


def _waiting(rows: Sequence[object]) -> str:
    return f"{len(rows)} done, waiting for other jobs"


def _forget_files(batch_job: BatchJob) -> None:
    journal.delete(f"{batch_job.folder}/")
    BatchJob.objects.filter(pk=batch_job.pk).update(has_files=False)


def remove_abandoned() -> None:
    """Delete files of unconfirmed dry runs and of jobs that failed long ago."""
    for batch_job in BatchJob.objects.abandoned():
        _forget_files(batch_job)


KIND = JobKind(
    name="batch",
    label="Batch jobs",
    model=BatchJob,
    run=make,
    owner="created_by",
    listed=False,
    died=(
        "The worker crashed each time it tried the same item, the one after the last in the "
        "report. Leave that item out and start again."
    ),
    cancelled=CANCELLED,
    files=(
        FileColumn(BATCH_JOBS_FOLDER, BatchJob, "", owns_folder=True, having={"has_files": True}),
    ),
    purge=remove_abandoned,
)
