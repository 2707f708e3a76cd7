"""Files under /media/, for a session or an API token."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.api.audio import AnyMediaType, serve_audio, wait_for
from soundscapes.api.idempotency import RETRY_AFTER
from soundscapes.api.jobs import wait_until_final
from soundscapes.api.permissions import require_write_scope
from soundscapes.api.schema import audio_answers
from soundscapes.api.serializers.strict import OneOfField
from soundscapes.engine.errors import EngineError
from soundscapes.files import archives
from soundscapes.generations import previews, transcoding
from soundscapes.http.access import (
    finished_or_404,
    image_or_404,
    playable_or_404,
    recording_or_404,
    signed_in_user,
)
from soundscapes.http.ranges import (
    LOSSLESS,
    as_download,
    file_name,
    needed_or_404,
    serve_credits,
    serve_file,
    serve_lossless,
    serve_spectrogram,
)
from soundscapes.models import Category, Clip, Export, Generation, Preview, State
from soundscapes.models.renditions import Format


@extend_schema(exclude=True)
class MediaView(APIView):
    content_negotiation_class = AnyMediaType


class ImageFileView(MediaView):
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        image = image_or_404(signed_in_user(request), pk)
        return serve_file(request, image.file, etag=f"{image.pk}", filename=f"{image.pk}.jpg")


class ThumbnailView(MediaView):
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        image = image_or_404(signed_in_user(request), pk)
        return serve_file(
            request,
            image.thumbnail,
            etag=f"{image.pk}-thumbnail",
            filename=f"{image.pk}-thumbnail.webp",
        )


class AudioQuery(serializers.Serializer[Any]):
    format = OneOfField(
        [*transcoding.MEDIA_TYPES, Format.LAYERS.value],
        default="wav",
        help_text="`layers` is a ZIP file of all layers.",
    )
    download = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="With or without a value: sends an attachment with the title in its tags.",
    )


class AudioView(MediaView):
    """The audio of a soundscape, as WAV or converted; status 202 until the conversion is done."""

    @extend_schema(
        exclude=False,
        operation_id="getAudio",
        parameters=[AudioQuery],
        responses=audio_answers(),
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        generation = finished_or_404(signed_in_user(request), pk)
        query = AudioQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        if query.validated_data["format"] == Format.LAYERS:
            return serve_layers(request, generation)
        return serve_audio(request, generation, query.validated_data["format"])


class PlanView(MediaView):
    """The plan, from which `manage.py render` reproduces the same bytes."""

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        generation = finished_or_404(signed_in_user(request), pk)
        response = JsonResponse(generation.plan, json_dumps_params={"indent": 1})
        return as_download(request, response, file_name(generation.title, ".json"))


class CreditsView(MediaView):
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        generation = finished_or_404(signed_in_user(request), pk)
        return serve_credits(request, generation, file_name(generation.title, " credits.txt"))


class SpectrogramView(MediaView):
    """An image of the sound over time and frequency; status 202 until it is drawn."""

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        generation = finished_or_404(signed_in_user(request), pk)
        needed_or_404(generation, Format.SPECTROGRAM)
        pending = wait_for(request, generation, Format.SPECTROGRAM)
        return pending or serve_spectrogram(request, generation, f"spectrogram-{pk}.png")


class StemQuery(serializers.Serializer[Any]):
    format = OneOfField(list(LOSSLESS), default="wav")


class StemView(MediaView):
    def get(self, request: Request, pk: UUID, rank: int) -> HttpResponseBase:
        generation = finished_or_404(signed_in_user(request), pk)
        layer = get_object_or_404(generation.layers, rank=rank)
        query = StemQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        pending = _pending_layers(request, generation)
        if pending is not None:
            return pending
        layer.refresh_from_db(fields=["stem"])
        return serve_lossless(
            request,
            layer.stem,
            etag=f"{generation.audio_checksum}-{rank}",
            title=layer.title,
            form=query.validated_data["format"],
        )


def _pending_layers(request: Request, generation: Generation) -> HttpResponseBase | None:
    if not generation.has_layers:
        raise Http404("This soundscape has no stems.")
    Generation.objects.mark_used(generation)
    return wait_for(request, generation, Format.LAYERS)


class PreviewQuery(serializers.Serializer[Any]):
    clip = serializers.CharField(max_length=64, default="", allow_blank=True)


class PreviewView(MediaView):
    """A layer with another category or clip; status 202 until it is rendered."""

    def get(self, request: Request, pk: UUID, place: int, slug: str) -> HttpResponseBase:
        user = signed_in_user(request)
        generation = playable_or_404(user, pk)
        category = get_object_or_404(Category.everything.usable_by(user), slug=slug)
        query = PreviewQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = (generation, place, category, query.validated_data["clip"])
        preview = wait_until_final(_preview(request, *wanted))
        if preview.state != State.READY:
            words = {"detail": "The preview is being rendered."}
            return Response(words, status=202, headers={"Retry-After": RETRY_AFTER})
        name = file_name(generation.title, f" {category.label}.wav")
        return serve_file(request, preview.file, etag=str(preview.pk), filename=name)


def _preview(
    request: Request, generation: Generation, place: int, category: Category, clip: str
) -> Preview:
    known = previews.find_preview(generation, place, category, clip)
    if known is not None:
        return known
    if request.method == "HEAD":
        raise Http404("The preview has not been rendered yet. GET starts it.")
    require_write_scope(request)
    try:
        return previews.get_or_create_preview(generation, place, category, clip)
    except previews.PreviewError as error:
        raise serializers.ValidationError([str(error)]) from error


class StemsView(MediaView):
    """All layers in one ZIP file, with their credits and the plan."""

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return serve_layers(request, finished_or_404(signed_in_user(request), pk))


def serve_layers(request: Request, generation: Generation) -> HttpResponseBase:
    pending = _pending_layers(request, generation)
    if pending is not None:
        return pending
    try:
        archive = archives.stem_archive(generation)
    except EngineError as error:
        raise Http404(str(error)) from error
    response = StreamingHttpResponse(archive, content_type="application/zip")
    name = file_name(generation.title, " layers.zip")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


class ExportFileView(MediaView):
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        mine = Export.objects.downloadable_by(signed_in_user(request))
        export = get_object_or_404(mine, pk=pk)
        return serve_file(
            request,
            export.file,
            etag=f"{export.pk}",
            filename=f"soundscapes-{export.finished_at:%Y-%m-%d}.zip",
        )


class ClipFileView(MediaView):
    permission_classes = (IsAdminUser,)

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return _serve_clip(request, get_object_or_404(Clip.objects.shared(), pk=pk))


class RecordingFileView(MediaView):
    """A recording of the user's own."""

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return _serve_clip(request, recording_or_404(signed_in_user(request), pk))


def _serve_clip(request: Request, clip: Clip) -> HttpResponseBase:
    return serve_file(request, clip.file, etag=clip.checksum, filename=f"{clip.pk}.wav")
