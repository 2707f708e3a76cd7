"""Ending and repeating any kind of work, as the studio's buttons do it for soundscapes."""

from __future__ import annotations

from soundscapes.engine.errors import EngineError
from soundscapes.jobs import queue
from soundscapes.limits import quotas
from soundscapes.mixes import generations
from soundscapes.models import Export, Generation
from soundscapes.models.jobs import RETRIED_STATES, Job

CANCELLED = "You cancelled this. It can still be done: retry it."


class WrongStateError(EngineError):
    """The job is over, or not over yet."""


def cancel(job: Job) -> None:
    """End a job that waits or is under way; a worker that is at it notices at its next report.

    Raises WrongStateError where it has ended already.
    """
    words = generations.CANCELLED if isinstance(job, Generation) else CANCELLED
    manager = type(job)._default_manager
    if not manager.cancel(job.pk, words):  # type: ignore[attr-defined]
        raise WrongStateError("This job is over; there is nothing to cancel.")
    job.refresh_from_db()


def retry(job: Job) -> None:
    """Start over a job that failed or was cancelled.

    Raises WrongStateError for any other, LimitError where the owner's quota or storage is used up.
    """
    if job.state not in RETRIED_STATES:
        raise WrongStateError("Only a job that failed or was cancelled can be retried.")
    if isinstance(job, Generation):
        generations.retry_generation(job)
        return
    if isinstance(job, Export):
        quotas.charge(job.owner, quotas.Kind.GENERATE)
    queue.enqueue(job)
    job.refresh_from_db()
