"""Waiting for the worker, within a bound: what was asked for, or where to ask for it again."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.response import Response

from soundscapes.models import State
from soundscapes.models.jobs import Job

POLL_INTERVAL = 0.02  # seconds
RETRY_AFTER = 2  # seconds

JobT = TypeVar("JobT", bound=Job)


class JobFailed(APIException):
    """The worker could not do it; the answer says why, and asking again tries again."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "failed"


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
    if job.state == State.FAILED:
        raise JobFailed(job.error)
    return job


def accepted(location: str, data: object) -> Response:
    """202: it is still being made, and this is where to ask."""
    headers = {"Location": location, "Retry-After": str(RETRY_AFTER)}
    return Response(data, status=status.HTTP_202_ACCEPTED, headers=headers)
