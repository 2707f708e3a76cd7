"""Integrity check: leftovers of crashes, lost files, and their repair.

A finding is repaired only if it has not changed since, so the application may run meanwhile.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from django.utils import timezone
from django_q.models import Schedule

from soundscapes.jobs import heartbeat, queue
from soundscapes.operations import orphaned_files
from soundscapes.operations.orphaned_files import Finding

LEAST_AGE = timedelta(hours=1)
"""Younger files may be about to get their row; nothing takes this long."""


def examine(least_age: timedelta = LEAST_AGE) -> Iterator[Finding]:
    yield from _jobs()
    yield from _schedule()
    yield from orphaned_files.examine(least_age)


def _jobs() -> Iterator[Finding]:
    for job in queue.orphans():
        yield Finding(
            "Jobs of dead workers",
            f"{job._meta.verbose_name} {job.pk}",
            "is queued again",
            partial(queue.release, job),
        )
    if queue.is_unheard():
        yield Finding("Jobs without a wake-up", "the queue", "gets a wake-up", _wake)


def _wake() -> None:
    if queue.is_unheard():
        queue.wake_up()


def _schedule() -> Iterator[Finding]:
    """Find a next heartbeat in the far future, as after the clock was set back."""
    beat = Schedule.objects.filter(name=heartbeat.SCHEDULE).first()
    due = beat.next_run if beat else None
    if due is None or due > timezone.now() + 2 * heartbeat.INTERVAL:
        yield Finding(
            "Heartbeat that is not due soon",
            f"next at {due:%Y-%m-%d %H:%M}" if due else "no schedule",
            "is scheduled for now",
            heartbeat.schedule,
        )
