"""What is not as it should be after a bad day, and how it is put right.

Everything is read first and mended with the condition that it still is as it was read, so that the
application may run meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from django.utils import timezone
from django_q.models import Schedule

from soundscapes.jobs import messages, queue
from soundscapes.operations import orphaned_files
from soundscapes.operations.findings import Finding

LEAST_AGE = timedelta(hours=1)
"""A file that is younger may be getting its row just now; nothing takes so long."""


def examine(least_age: timedelta = LEAST_AGE) -> Iterator[Finding]:
    """Jobs, messages, files and the heartbeat's schedule."""
    yield from _jobs()
    yield from _messages()
    yield from _schedule()
    yield from orphaned_files.examine(least_age)


def _jobs() -> Iterator[Finding]:
    held, waiting = "Jobs whose worker is gone", "Jobs that wait without a message in the queue"
    for job in messages.jobs_in_limbo():
        yield Finding(
            held if job.claimed_by else waiting,
            f"{job._meta.verbose_name} {job.pk}",
            "is queued again",
            partial(queue.release, job),
        )


def _messages() -> Iterator[Finding]:
    for message in messages.superfluous():
        yield Finding(
            "Messages in the queue without a job",
            f"{message.pk} ({message.what})",
            "is deleted",
            partial(messages.delete, message),
        )


def _schedule() -> Iterator[Finding]:
    """A clock that was set back leaves the next beat in the far future."""
    beat = Schedule.objects.filter(name=queue.HEARTBEAT).first()
    due = beat.next_run if beat else None
    if due is None or due > timezone.now() + 2 * queue.BEAT_EVERY:
        yield Finding(
            "A heartbeat that is not due",
            f"next at {due:%Y-%m-%d %H:%M}" if due else "no schedule",
            "is scheduled for now",
            queue.schedule_heartbeat,
        )
