"""Requests for the download of CLIP's weights in the background."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from soundscapes.images import weights
from soundscapes.imports import batch_jobs
from soundscapes.models import BatchJob, State

PAUSE = timedelta(days=1)  # between automatic attempts


def request() -> str:
    """Queue the download unless it is not needed, queued, or failed within PAUSE.

    Return a message for the set-up, empty if there is nothing to say.
    """
    if not settings.FETCH_WEIGHTS or not weights.are_missing():
        return ""
    jobs = BatchJob.objects.filter(kind=BatchJob.Kind.WEIGHTS)
    if jobs.filter(state=State.FAILED, created_at__gt=timezone.now() - PAUSE).exists():
        return "CLIP's weights could not be downloaded. Retry with `manage.py fetch_weights`."
    if weights.download_in_progress() is None:
        batch_jobs.create_batch_job(None, BatchJob.Kind.WEIGHTS, settings.CLIP_MODEL, {})
    return (
        "CLIP's weights are downloaded in the background. Until then, the offline encoder is used."
    )
