"""Your work in the queue, and what became of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.api.idempotency import RETRY_AFTER
from soundscapes.api.pagination import Pages
from soundscapes.api.serializers.jobs import JobQuery, JobSerializer
from soundscapes.models.jobs import FINAL_STATES
from soundscapes.models.work import Row, find_work, work_of
from soundscapes.views.access import signed_in_user


@extend_schema_view(get=extend_schema(operation_id="listJobs", parameters=[JobQuery]))
class JobsView(ListAPIView):  # type: ignore[type-arg]  # its rows are of two tables
    """List your jobs, the latest first."""

    serializer_class = JobSerializer
    pagination_class = Pages

    def get_queryset(self) -> QuerySet[Any, Row]:
        query = JobQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        rows = work_of(signed_in_user(self.request), query.kinds(), query.states())
        return rows.order_by(query.validated_data["ordering"], "id")


class JobView(APIView):
    """How far a job is; `Retry-After` until it is over."""

    @extend_schema(operation_id="getJob", responses=JobSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        job = find_work(signed_in_user(request), pk)
        if job is None:
            raise NotFound("There is no such job.")
        data = JobSerializer(job, context={"request": request}).data
        over = job["state"] in FINAL_STATES
        return Response(data, headers={} if over else {"Retry-After": RETRY_AFTER})
