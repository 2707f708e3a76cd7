"""Documentation of problem types."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.http.problems import PROBLEM_TYPES


class ProblemTypeSerializer(serializers.Serializer[Any]):
    """A problem type."""

    slug = serializers.CharField()
    status = serializers.IntegerField()
    title = serializers.CharField()


class ProblemTypeView(APIView):
    """A problem type. This endpoint is public, because problems also occur before signing in."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="getProblemType", responses=ProblemTypeSerializer)
    def get(self, _request: Request, slug: str) -> Response:
        for kind in PROBLEM_TYPES:
            if kind.slug == slug:
                return Response(asdict(kind))
        raise NotFound("There is no problem type with this name.")
