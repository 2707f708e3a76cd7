"""The three endpoints of the project's specification."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponseBase
from rest_framework.exceptions import NotFound
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from soundscapes.api.exceptions import JobFailed, NoPictures, RefusedPhotoError
from soundscapes.api.serializers import (
    AudioChoiceSerializer,
    GenerationSerializer,
    ImageSerializer,
    SimilarityResultSerializer,
)
from soundscapes.engine.errors import PhotoError
from soundscapes.forms import PhotoForm
from soundscapes.models import Image, State, User
from soundscapes.models.jobs import Job
from soundscapes.services import generations, images
from soundscapes.views.access import image_or_404, signed_in_user
from soundscapes.views.media import AnyMediaType, serve_audio

POLL_INTERVAL = 0.02  # seconds
RETRY_AFTER = 2  # seconds

JobT = TypeVar("JobT", bound=Job)


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


def accepted(request: Request, view_name: str, job: Job, data: object) -> Response:
    """202: it is still being made, and this is where to ask."""
    location = reverse(view_name, kwargs={"pk": job.pk}, request=request)
    return Response(
        data, status=202, headers={"Location": location, "Retry-After": str(RETRY_AFTER)}
    )


class RandomImageView(APIView):
    """`GET /random_image`: draw a preloaded picture."""

    get_changes_things = True  # which picture is one's latest

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
            raise RefusedPhotoError(
                str(form.errors["image"][0]), 413 if too_large else 400, "image"
            )
        upload = form.cleaned_data["image"]
        try:
            image = images.upload_image(signed_in_user(request), upload.read())
        except PhotoError as error:
            raise RefusedPhotoError(str(error), error.status, error.code) from error
        images.request_matching(image)
        image = wait_until_final(image)
        data = SimilarityResultSerializer(image, context={"request": request}).data
        if image.state != State.READY:
            return accepted(request, "api_image", image, data)
        return Response(data)


class GenerateAudioView(APIView):
    """`GET /generate_audio`: the soundscape of `?image=`, or of one's latest picture; `?mode=`."""

    content_negotiation_class = AnyMediaType
    get_changes_things = True  # there is a soundscape where there was none

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
            return accepted(request, "api_generation", generation, data)
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
