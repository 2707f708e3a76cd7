"""The three endpoints of the project's specification."""

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.api.audio import AnyMediaType, serve_audio
from soundscapes.api.jobs import accepted, wait_until_final
from soundscapes.api.schema import audio_answers, multipart
from soundscapes.api.serializers.generations import AudioQuery
from soundscapes.api.serializers.images import (
    ImageSerializer,
    RandomImageQuery,
    SimilarityResultSerializer,
    UploadSerializer,
)
from soundscapes.api.serializers.jobs import JobSerializer
from soundscapes.api.uploads import PARSERS, stored_photo
from soundscapes.generations import generations
from soundscapes.http.access import (
    described_image_or_404,
    image_or_404,
    image_set_or_404,
    signed_in_user,
)
from soundscapes.images import images, matching
from soundscapes.models import Generation, Image, State, User

WITHOUT_HEAD = ("get", "options")
"""Methods of views whose GET creates rows, which HEAD must not."""


class RandomImageView(APIView):
    """`GET /random_image`: draw a preloaded image, optionally from one `?image_set=`."""

    content_negotiation_class = AnyMediaType
    get_changes_things = True  # it updates the user's latest image
    http_method_names = WITHOUT_HEAD

    @extend_schema(
        operation_id="drawRandomImage", parameters=[RandomImageQuery], responses=ImageSerializer
    )
    def get(self, request: Request) -> Response:
        query = RandomImageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        user, chosen = signed_in_user(request), query.validated_data.get("image_set")
        image_set = image_set_or_404(user, chosen) if chosen else None
        image = images.random_image(user, image_set=image_set)
        row = Image.objects.for_api().get(pk=image.pk)
        return Response(ImageSerializer(row, context={"request": request}).data)


class UploadImageView(APIView):
    """`POST /upload_image` (multipart, `image`): upload an image and return its best categories."""

    content_negotiation_class = AnyMediaType
    parser_classes = PARSERS

    @extend_schema(
        operation_id="uploadImage",
        request=multipart(UploadSerializer),
        responses={200: SimilarityResultSerializer, 202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        image = stored_photo(request)
        matching.request_matching(image)
        image = wait_until_final(image)
        if image.state != State.READY:
            return accepted(request, image)
        row = described_image_or_404(signed_in_user(request), image.pk)
        return Response(SimilarityResultSerializer(row, context={"request": request}).data)


class GenerateAudioView(APIView):
    """`GET /generate_audio`: the soundscape of `?image=`, by default of your latest image.

    The same image and options give the same soundscape, so only the first request renders it.
    """

    content_negotiation_class = AnyMediaType
    get_changes_things = True  # it may create a soundscape
    http_method_names = WITHOUT_HEAD

    @extend_schema(
        operation_id="generateAudio",
        parameters=[AudioQuery],
        responses=audio_answers(),
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = AudioQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        user = signed_in_user(request)
        image = self._image(user, query.validated_data.get("image"))
        generation = wait_until_final(self._generation(user, image, query.options()))
        if generation.state != State.READY:
            return accepted(request, generation)
        return serve_audio(request, generation, query.validated_data["format"])

    @staticmethod
    def _image(user: User, chosen: UUID | None) -> Image:
        if chosen is not None:
            return image_or_404(user, chosen)
        latest = user.latest_image
        if latest is None:
            raise NotFound(
                "You have no image yet. First POST one to /upload_image or GET /random_image."
            )
        return latest

    @staticmethod
    def _generation(user: User, image: Image, options: dict[str, Any]) -> Generation:
        existing = generations.find_generation(user, image, **options)
        if existing is not None and existing.state == State.READY:
            return existing
        return generations.get_or_create_generation(user, image, **options)
