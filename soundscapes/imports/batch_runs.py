"""Batch jobs in the worker.

It processes the items one by one, and yields to users' jobs after a while. The report records the
items that are done.
"""

from collections.abc import Sequence
from time import monotonic
from typing import Any

from soundscapes.engine.errors import EngineError
from soundscapes.files import journal
from soundscapes.files.columns import FileColumn
from soundscapes.imports import handlers
from soundscapes.jobs.claims import Claim
from soundscapes.jobs.kinds import JobKind
from soundscapes.limits import storage
from soundscapes.models import BatchJob
from soundscapes.models.batch_jobs import BATCH_JOBS_FOLDER, Row

SLICE = 20.0  # seconds before other jobs have their turn
SAVE_INTERVAL = 1.0  # seconds; at most this much of the report is lost with a killed worker
CANCELLED = "This was cancelled. Finished items are kept."


class BatchJobError(EngineError):
    """The batch job cannot continue."""


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
            if number + 1 == total:
                break  # a job that is done ends before others run
            now = monotonic()
            if now - started > SLICE:
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
