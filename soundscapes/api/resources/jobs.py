"""The user's jobs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.api.idempotency import RETRY_AFTER
from soundscapes.api.jobs import accepted
from soundscapes.api.serializers.jobs import JobQuery, JobSerializer
from soundscapes.http.access import signed_in_user
from soundscapes.jobs import queue
from soundscapes.jobs.listing import Jobs, find_job, row_of
from soundscapes.models.jobs import Job, Row


@extend_schema_view(get=extend_schema(operation_id="listJobs", parameters=[JobQuery]))
class JobsView(ListAPIView):  # type: ignore[type-arg]  # its rows come from several tables
    """List your jobs, newest first."""

    serializer_class = JobSerializer

    def get_queryset(self) -> "JobList":  # type: ignore[override]
        query = JobQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        user = signed_in_user(self.request)
        return JobList(Jobs(user, query.kinds(), query.states()), query.validated_data["ordering"])


@dataclass(frozen=True)
class JobList:
    """Jobs in an order, for a paginator."""

    jobs: Jobs
    ordering: str

    def count(self) -> int:
        return self.jobs.count()

    def __getitem__(self, part: slice) -> list[Row]:
        return list(self.jobs.rows().order_by(self.ordering, "id")[part])


class JobView(APIView):
    """State and progress of a job, with `Retry-After` until it has ended."""

    @extend_schema(operation_id="getJob", responses=JobSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        job = _job_or_404(request, pk)
        return Response(
            _described(request, job), headers={} if job.is_final else {"Retry-After": RETRY_AFTER}
        )


class CancelJobView(APIView):
    """Cancel a queued or running job."""

    @extend_schema(operation_id="cancelJob", request=None, responses=JobSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        job = _job_or_404(request, pk)
        queue.cancel(job)
        return Response(_described(request, job))


class RetryJobView(APIView):
    """Retry a failed or cancelled job."""

    @extend_schema(operation_id="retryJob", request=None, responses={202: JobSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        job = _job_or_404(request, pk)
        queue.retry(job)
        return accepted(request, job)


def _job_or_404(request: Request, pk: UUID) -> Job:
    job = find_job(signed_in_user(request), pk)
    if job is None:
        raise NotFound("There is no job with this ID.")
    return job


def _described(request: Request, job: Job) -> Any:
    return JobSerializer(row_of(job), context={"request": request}).data
