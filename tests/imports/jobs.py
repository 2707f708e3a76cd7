"""Helpers for batch jobs, as created in the admin."""

from __future__ import annotations

from soundscapes.imports import batch_jobs
from soundscapes.models import BatchJob, State
from tests.queue import work_off

CREDIT = {"title": "", "author": "Ada", "source": "https://example.org/", "licence": "CC0"}


def of_images(user, image_set, uploads, is_trial=True) -> BatchJob:
    options = {"image_set": image_set.pk, "credit": CREDIT}
    kind = BatchJob.Kind.IMAGES
    return batch_jobs.create_batch_job(
        user, kind, image_set.name, options, uploads=uploads, is_trial=is_trial
    )


def of_clips(user, category, uploads, credit=CREDIT, is_trial=False) -> BatchJob:
    options = {"category": category.pk, "credit": credit}
    kind = BatchJob.Kind.CLIPS
    return batch_jobs.create_batch_job(
        user, kind, category.label, options, uploads=uploads, is_trial=is_trial
    )


def outcomes(batch_job) -> list[tuple[str, str]]:
    batch_job.refresh_from_db()
    return [(row["name"], row["outcome"]) for row in batch_job.rows]


def done(batch_job) -> BatchJob:
    assert work_off() == []
    batch_job.refresh_from_db()
    assert batch_job.state == State.READY, batch_job.error
    return batch_job
