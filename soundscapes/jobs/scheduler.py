"""Whose turn it is.

A message of the queue is a ticket: it says that there is one job more to do, and the worker that
takes it does the job of whoever has waited longest for a turn, not the one that the ticket was
written for. So a hundred jobs of one person keep nobody else's first one waiting, and someone who
is at the page goes before what was handed in as a pile. There is a ticket for every job, so every
job has its turn.
"""

from __future__ import annotations

from django.db.models import F
from django.utils import timezone

from soundscapes.mixes import rendering, share_imports
from soundscapes.models import Generation, Image, User
from soundscapes.models.jobs import JobQuerySet, JobT
from soundscapes.pictures import matching

KINDS: tuple[type[Image] | type[Generation], ...] = (Image, Generation)
TRIES = 20  # at jobs that another worker takes at the same moment


def take_turn() -> None:
    """Do the job whose turn it is, if any is waiting."""
    for _try in range(TRIES):
        job = next_job()
        if job is None or _do(job):
            return


def next_job() -> Image | Generation | None:
    """Of the one who was served longest ago; a matching first, which is short, then the oldest."""
    image, generation = _first(Image.objects.all()), _first(Generation.objects.all())
    if image is None or generation is None:
        return image or generation
    return image if _served(image) <= _served(generation) else generation


def _first(jobs: JobQuerySet[JobT]) -> JobT | None:
    order = (F("owner__served_at").asc(nulls_first=True), "queued_at", "pk")
    return jobs.claimable().select_related("owner").order_by(*order).first()


def _served(job: Image | Generation) -> float:
    served_at = job.owner.served_at if job.owner else None
    return served_at.timestamp() if served_at else 0.0


def _do(job: Image | Generation) -> bool:
    """False where another worker was faster."""
    if job.owner is not None:
        User.objects.filter(pk=job.owner.pk).update(served_at=timezone.now())
    if isinstance(job, Generation):
        return share_imports.make(str(job.pk)) if job.is_copy else rendering.make(str(job.pk))
    return matching.match_queued(str(job.pk))
