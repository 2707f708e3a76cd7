"""Responses to requests that create jobs: wait briefly, then return the result or the job."""

from functools import partial
from typing import TypeVar

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from soundscapes.api.exceptions import Refusal
from soundscapes.api.idempotency import RETRY_AFTER
from soundscapes.api.serializers.jobs import JobSerializer
from soundscapes.http.problems import JOB_FAILED
from soundscapes.http.waiting import is_final, wait_until
from soundscapes.jobs.listing import row_of
from soundscapes.models.jobs import RETRIED_STATES, Job

JobT = TypeVar("JobT", bound=Job)


def wait_until_final(job: JobT) -> JobT:
    """Wait up to API_WAIT_SECONDS and return the refreshed job.

    Raise Refusal with the error of a failed job, DoesNotExist if the job was deleted meanwhile.
    """
    wait_until(partial(is_final, job), settings.API_WAIT_SECONDS)
    job.refresh_from_db()
    if job.state in RETRIED_STATES:
        raise Refusal(JOB_FAILED, job.error)
    return job


def accepted(request: Request, job: Job) -> Response:
    data = JobSerializer(row_of(job), context={"request": request}).data
    return Response(data, status=202, headers={"Location": data["url"], "Retry-After": RETRY_AFTER})
