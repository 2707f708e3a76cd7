"""Soundscapes, their layers, plans and stems."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.api import idempotency
from soundscapes.api.filters import FilterBackend, GenerationFilter
from soundscapes.api.jobs import accepted
from soundscapes.api.serializers.generations import (
    GenerationRequest,
    GenerationSerializer,
    LayerSerializer,
)
from soundscapes.api.serializers.jobs import JobSerializer
from soundscapes.generations import generations, library
from soundscapes.http.access import (
    described_generation_or_404,
    finished_or_404,
    generation_or_404,
    image_or_404,
    signed_in_user,
)
from soundscapes.models import Generation, Layer
from soundscapes.models.generations import LONG
from soundscapes.models.jobs import Row


@extend_schema_view(get=extend_schema(operation_id="listGenerations"))
class GenerationsView(ListAPIView[Generation]):
    """List your soundscapes; POST creates one from an image."""

    serializer_class = GenerationSerializer
    queryset = Generation.objects.none()  # for the schema
    filter_backends = (FilterBackend,)
    filterset_class = GenerationFilter

    def get_queryset(self) -> QuerySet[Generation, Row]:  # type: ignore[override]
        return Generation.objects.owned_by(signed_in_user(self.request)).for_api()

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().get(request, *args, **kwargs)
        covers_meaning: bool | None = getattr(request, "covers_meaning", None)
        if covers_meaning is not None:
            response["Search-Covers"] = "words, meaning" if covers_meaning else "words"
        if covers_meaning is False:
            response["Retry-After"] = idempotency.RETRY_AFTER
        return response

    @extend_schema(
        operation_id="createGeneration", request=GenerationRequest, responses={202: JobSerializer}
    )
    def post(self, request: Request) -> Response:
        body = GenerationRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        return idempotency.once(request, asked, partial(_create, request, asked))


def _create(request: Request, asked: dict[str, Any]) -> Response:
    user = signed_in_user(request)
    options = {name: value for name, value in asked.items() if name != "image"}
    image = image_or_404(user, asked["image"])
    return accepted(request, generations.create_generation(user, image, **options))


class GenerationView(APIView):
    """One of your soundscapes."""

    @extend_schema(operation_id="getGeneration", responses=GenerationSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        generation = described_generation_or_404(signed_in_user(request), pk)
        return Response(GenerationSerializer(generation, context={"request": request}).data)

    @extend_schema(operation_id="deleteGeneration", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        user = signed_in_user(request)
        library.delete(user, [generation_or_404(user, pk).pk])
        return Response(status=204)


@extend_schema_view(get=extend_schema(operation_id="listLayers"))
class LayersView(ListAPIView[Layer]):
    """The layers of a soundscape, the best match first."""

    serializer_class = LayerSerializer

    def get_queryset(self) -> list[Row]:  # type: ignore[override]
        user = signed_in_user(self.request)
        generation = described_generation_or_404(user, self.kwargs["pk"])
        return Layer.objects.for_api([generation])[generation["id"]]


@extend_schema_view(get=extend_schema(operation_id="listStems"))
class StemsView(LayersView):
    """The layers that can be heard on their own, which those of long soundscapes cannot."""

    def get_queryset(self) -> list[Row]:  # type: ignore[override]
        layers = super().get_queryset()
        return [layer for layer in layers if layer["generation"]["duration"] <= LONG]


@extend_schema_view(get=extend_schema(operation_id="listVersions"))
class VersionsView(ListAPIView[Generation]):
    """All your soundscapes of the same image, including this one and its remixes, oldest first."""

    serializer_class = GenerationSerializer

    def get_queryset(self) -> QuerySet[Generation, Row]:  # type: ignore[override]
        user = signed_in_user(self.request)
        generation = generation_or_404(user, self.kwargs["pk"])
        return Generation.objects.owned_by(user).versions_of(generation.image).for_api()


class PlanView(APIView):
    """The plan of a soundscape, from which `manage.py render` reproduces the same bytes."""

    @extend_schema(
        operation_id="getPlan", responses={200: {"type": "object", "additionalProperties": True}}
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(finished_or_404(signed_in_user(request), pk).plan)
