"""What a 202 points to: a picture or a soundscape, and how far it is."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.api.serializers import GenerationSerializer, SimilarityResultSerializer
from soundscapes.views.access import generation_or_404, image_or_404, signed_in_user


class ImageView(APIView):
    def get(self, request: Request, pk: UUID) -> Response:
        image = image_or_404(signed_in_user(request), pk)
        return Response(SimilarityResultSerializer(image, context={"request": request}).data)


class GenerationView(APIView):
    def get(self, request: Request, pk: UUID) -> Response:
        generation = generation_or_404(signed_in_user(request), pk)
        return Response(GenerationSerializer(generation, context={"request": request}).data)
