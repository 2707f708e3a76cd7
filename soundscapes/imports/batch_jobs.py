"""Requests for batch jobs, which `batch_runs` fulfils."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from soundscapes.files import journal
from soundscapes.jobs import queue
from soundscapes.limits import storage
from soundscapes.models import BatchJob, State, User


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
