"""The three endpoints of the project's specification."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from soundscapes.api.serializers import (
    AudioChoiceSerializer,
    GenerationSerializer,
    ImageSerializer,
    SimilarityResultSerializer,
)
from soundscapes.engine.errors import PhotoError
from soundscapes.forms import PhotoForm
from soundscapes.models import Image, State, User
from soundscapes.services import generations, images
from soundscapes.views.access import image_or_404, signed_in_user
from soundscapes.views.media import AnyMediaType, serve_audio
from soundscapes.views.waiting import accepted, wait_until_final


class RefusedPhoto(APIException):
    """A photo that is not taken, with the status that fits."""

    def __init__(self, detail: str, status_code: int, code: str) -> None:
        super().__init__(detail, code)
        self.status_code = status_code


class NoPictures(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "no_pictures"


class RandomImageView(APIView):
    """`GET /random_image`: draw a preloaded picture."""

    def get(self, request: Request) -> Response:
        try:
            image = images.random_image(signed_in_user(request))
        except images.NoPicturesError as error:
            raise NoPictures(str(error)) from error
        return Response(ImageSerializer(image, context={"request": request}).data)


class UploadImageView(APIView):
    """`POST /upload_image` (multipart, `image`): the sounds that fit a photo."""

    parser_classes = (MultiPartParser, FormParser)

    def post(self, request: Request) -> Response:
        form = PhotoForm(files=request.FILES)
        if not form.is_valid():
            too_large = form.has_error("image", "too_large")
            raise RefusedPhoto(str(form.errors["image"][0]), 413 if too_large else 400, "image")
        upload = form.cleaned_data["image"]
        try:
            image = images.upload_image(signed_in_user(request), upload.read())
        except PhotoError as error:
            raise RefusedPhoto(str(error), error.status, error.code) from error
        images.request_matching(image)
        image = wait_until_final(image)
        data = SimilarityResultSerializer(image, context={"request": request}).data
        if image.state != State.READY:
            return accepted(reverse("api_image", [image.pk], request=request), data)
        return Response(data)


class GenerateAudioView(APIView):
    """`GET /generate_audio`: the soundscape of `?image=`, or of one's latest picture; `?mode=`."""

    content_negotiation_class = AnyMediaType

    def get(self, request: Request) -> HttpResponseBase:
        query = AudioChoiceSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        user, mode = signed_in_user(request), query.validated_data["mode"]
        image = self._image(user, query.validated_data.get("image"))
        generation = generations.get_or_create_generation(user, image, mode)
        generation = wait_until_final(generation)
        if generation.state != State.READY:
            context = {"request": request}
            data = GenerationSerializer(generation, context=context).data
            return accepted(reverse("api_generation", [generation.pk], request=request), data)
        return serve_audio(request, generation)

    @staticmethod
    def _image(user: User, chosen: UUID | None) -> Image:
        if chosen is not None:
            return image_or_404(user, chosen)
        latest = user.latest_image
        if latest is None:
            raise NotFound(
                "You have no picture yet. POST one to /upload_image or GET /random_image first."
            )
        return latest
