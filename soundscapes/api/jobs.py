"""Answers of work that a worker does: wait a little, or say where to ask."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from soundscapes.api.exceptions import JobFailed
from soundscapes.api.idempotency import RETRY_AFTER
from soundscapes.api.serializers.jobs import JobSerializer
from soundscapes.models.jobs import RETRIED_STATES, Job
from soundscapes.models.work import work_row

POLL_INTERVAL = 0.02  # seconds

JobT = TypeVar("JobT", bound=Job)


def wait_until_final(job: JobT) -> JobT:
    """Wait for the worker, within the bound; the job as it is then.

    Raises JobFailed with the job's own words, NotFound where it is deleted meanwhile.
    """
    deadline = monotonic() + settings.API_WAIT_SECONDS
    try:
        job.refresh_from_db()
        while not job.is_final and monotonic() < deadline:
            sleep(POLL_INTERVAL)
            job.refresh_from_db()
    except ObjectDoesNotExist as error:
        raise NotFound("This was deleted while it was being made.") from error
    if job.state in RETRIED_STATES:
        raise JobFailed(job.error)
    return job


def accepted(request: Request, job: Job) -> Response:
    """202: the job as it is, and where to ask how far it is."""
    data = JobSerializer(work_row(job), context={"request": request}).data
    return Response(data, status=202, headers={"Location": data["url"], "Retry-After": RETRY_AFTER})
