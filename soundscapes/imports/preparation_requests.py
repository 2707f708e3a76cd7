"""Requests for the preparation in the background."""

from typing import Any

from django.template.defaultfilters import pluralize

from soundscapes.images import matching
from soundscapes.imports import batch_jobs
from soundscapes.models import BatchJob, Category


def request_bank() -> bool:
    """Queue the synthesis of awaited clips. Return False if none are awaited."""
    awaited = list(Category.objects.awaiting_clips().values_list("pk", flat=True))
    if awaited:
        title = f"{len(awaited)} categor{pluralize(len(awaited), 'y,ies')}"
        _queue(BatchJob.Kind.BANK, title, {"categories": awaited})
    return bool(awaited)


def request_encoder() -> bool:
    """Queue the preparation of the encoder. Return False if it is prepared."""
    if matching.is_prepared():
        return False
    _queue(BatchJob.Kind.ENCODER, matching.current_encoder().name, {})
    return True


def _queue(kind: BatchJob.Kind, subject: str, options: dict[str, Any]) -> None:
    if BatchJob.objects.in_progress(kind) is None:
        batch_jobs.create_batch_job(None, kind, subject, options)
