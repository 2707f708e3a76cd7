"""Soundscapes, their layers, plans and stems."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.api import idempotency
from soundscapes.api.filters import GenerationFilter
from soundscapes.api.jobs import accepted
from soundscapes.api.pagination import Pages
from soundscapes.api.serializers.generations import (
    GenerationRequest,
    GenerationSerializer,
    LayerSerializer,
)
from soundscapes.models import Generation, Layer
from soundscapes.services import generations, library
from soundscapes.services.quotas import Kind
from soundscapes.views.access import (
    finished_or_404,
    generation_or_404,
    image_or_404,
    signed_in_user,
)


class GenerationsView(ListAPIView[Generation]):
    """List your soundscapes; POST a picture's id to have one made."""

    serializer_class = GenerationSerializer
    pagination_class = Pages
    filter_backends = (DjangoFilterBackend,)
    filterset_class = GenerationFilter
    quotas = {"POST": Kind.GENERATE}

    def get_queryset(self) -> QuerySet[Generation]:
        return Generation.objects.owned_by(signed_in_user(self.request)).for_list()

    def post(self, request: Request) -> Response:
        body = GenerationRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        return idempotency.once(request, asked, partial(_create, request, asked))


def _create(request: Request, asked: dict[str, Any]) -> Response:
    user = signed_in_user(request)
    recipe = {name: value for name, value in asked.items() if name != "image"}
    image = image_or_404(user, asked["image"])
    return accepted(request, generations.create_generation(user, image, **recipe))


class GenerationView(APIView):
    """One of your soundscapes."""

    def get(self, request: Request, pk: UUID) -> Response:
        generation = generation_or_404(signed_in_user(request), pk)
        return Response(GenerationSerializer(generation, context={"request": request}).data)

    def delete(self, request: Request, pk: UUID) -> Response:
        user = signed_in_user(request)
        library.delete(user, [generation_or_404(user, pk).pk])
        return Response(status=204)


class LayersView(ListAPIView[Layer]):
    """The sounds of a soundscape, the best first."""

    serializer_class = LayerSerializer
    pagination_class = Pages

    def get_queryset(self) -> QuerySet[Layer]:
        generation = generation_or_404(signed_in_user(self.request), self.kwargs["pk"])
        return generation.layers.select_related("category").order_by("rank")


class StemsView(LayersView):
    """The layers of which there is a file of their own."""

    def get_queryset(self) -> QuerySet[Layer]:
        return super().get_queryset().exclude(stem="")


class PlanView(APIView):
    """What a soundscape was rendered from; `manage.py render` makes the same bytes of it."""

    def get(self, request: Request, pk: UUID) -> Response:
        return Response(finished_or_404(signed_in_user(request), pk).plan)
