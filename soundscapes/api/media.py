"""Pictures and sounds, for those who may have them, with byte ranges so that players can seek.

Ranges follow RFC 9110, section 14: one range is served, a list of several is answered whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db.models.fields.files import FieldFile
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import IsAdminUser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from soundscapes.api.idempotency import RETRY_AFTER
from soundscapes.api.jobs import accepted, wait_until_final
from soundscapes.api.schema import audio_answers
from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.credits import credits_text
from soundscapes.engine.sound.plan import Plan
from soundscapes.files import archives
from soundscapes.http.access import finished_or_404, image_or_404, signed_in_user
from soundscapes.http.problems import problem_response
from soundscapes.mixes import transcoding
from soundscapes.models import Clip, Export, Generation, Rendition, State

RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")


class FileSlice:
    """The bytes of a file from `start`, at most `length` of them."""

    def __init__(self, file: File[bytes], start: int, length: int) -> None:
        file.seek(start)
        self._file = file
        self._left = length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data: bytes = self._file.read(wanted)
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()


def serve_file(
    request: Request | HttpRequest,
    file: FieldFile,
    *,
    content_type: str,
    etag: str,
    filename: str,
) -> HttpResponseBase:
    """A stored file, whole or in part (200, 206, 304, 416)."""
    asked = request._request if isinstance(request, Request) else request
    quoted = f'"{etag}"'
    response = get_conditional_response(asked, etag=quoted) or _body(
        asked, file, quoted, content_type
    )
    response["ETag"] = quoted
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    disposition = "attachment" if "download" in request.GET else "inline"
    response["Content-Disposition"] = f'{disposition}; filename="{filename}"'
    return response


def _body(request: HttpRequest, file: FieldFile, etag: str, content_type: str) -> HttpResponseBase:
    try:
        opened = file.storage.open(str(file.name), "rb")
    except FileNotFoundError:
        raise Http404("The file is missing on the server.") from None
    size = opened.size
    span = _requested_range(request, etag, size)
    if span is None:
        return FileResponse(opened, content_type=content_type)
    start, end = span
    if start >= size or start > end:
        opened.close()
        return problem_response(
            request,
            416,
            f"The file has {size} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    length = end - start + 1
    response = FileResponse(FileSlice(opened, start, length), status=206, content_type=content_type)
    response["Content-Length"] = str(length)
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


def _requested_range(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for; None for the whole file, start >= size for nothing."""
    match = RANGE.match(request.headers.get("Range", ""))
    if match is None or match.group() == "bytes=-":
        return None
    if request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if not first:
        suffix = int(last)
        return (max(0, size - suffix), size - 1) if suffix else (size, size)
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last or size), size - 1)


def serve_audio(request: Request, generation: Generation, name: str = "wav") -> HttpResponseBase:
    """A finished soundscape as WAV or in another format; 202 while the worker makes that."""
    file, etag = generation.audio, generation.audio_checksum
    if name != "wav":
        try:
            rendition = transcoding.get_or_create_rendition(generation, name)
        except FileNotFoundError:
            raise Http404("The file is missing on the server.") from None
        rendition = wait_until_final(rendition)
        if rendition.state != State.READY:
            return being_made(request, rendition)
        file, etag = rendition.file, f"{etag}-{name}"
    return serve_file(
        request,
        file,
        content_type=transcoding.MEDIA_TYPES[name],
        etag=etag,
        filename=f"soundscape-{generation.pk}.{name}",
    )


def being_made(request: Request, rendition: Rendition) -> HttpResponseBase:
    """202: a program is told where to ask, and a browser asks again by itself."""
    response: HttpResponseBase = accepted(request, rendition)
    if "text/html" in request.headers.get("Accept", ""):
        words = f"{rendition.stage} ({rendition.progress} %). It comes up here when it is ready."
        response = HttpResponse(words, status=202, content_type="text/plain; charset=utf-8")
        response["Refresh"] = RETRY_AFTER
    response["Cache-Control"] = "no-store"
    return response


def serve_credits(request: Request | HttpRequest, generation: Generation) -> HttpResponse:
    """Who made what is heard, as the text that goes with the file."""
    try:
        plan = Plan.from_json(generation.plan)
    except EngineError as error:
        raise Http404(str(error)) from error
    response = HttpResponse(credits_text(plan), content_type="text/plain; charset=utf-8")
    return _named(request, response, f"soundscape-{generation.pk}.txt")


def _named(request: Request | HttpRequest, response: HttpResponse, filename: str) -> HttpResponse:
    """A text that is shown, or kept under a name with `?download`."""
    if "download" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


class AnyMediaType(BaseContentNegotiation):
    """A file has one type, whatever is accepted; errors are JSON."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        return next(iter(parsers), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        return next(iter(renderers)), JSONRenderer.media_type


@extend_schema(exclude=True)
class MediaView(APIView):
    """Files for a signed-in session or an API token."""

    content_negotiation_class = AnyMediaType


class ImageFileView(MediaView):
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        image = image_or_404(signed_in_user(request), pk)
        return serve_file(
            request,
            image.file,
            content_type="image/jpeg",
            etag=f"{image.pk}",
            filename=f"{image.pk}.jpg",
        )


class ThumbnailView(MediaView):
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        image = image_or_404(signed_in_user(request), pk)
        return serve_file(
            request,
            image.thumbnail,
            content_type="image/webp",
            etag=f"{image.pk}-thumbnail",
            filename=f"{image.pk}-thumbnail.webp",
        )


class AudioQuery(serializers.Serializer[Any]):
    """The query of a soundscape's audio."""

    format = serializers.ChoiceField(list(transcoding.MEDIA_TYPES), default="wav")


class AudioView(MediaView):
    """The mix, as WAV or in the format that is asked for; 202 while the worker makes that."""

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
        return serve_audio(request, generation, query.validated_data["format"])


class PlanView(MediaView):
    """What `manage.py render` makes the same bytes of."""

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        generation = finished_or_404(signed_in_user(request), pk)
        response = JsonResponse(generation.plan, json_dumps_params={"indent": 1})
        return _named(request, response, f"soundscape-{pk}.json")


class CreditsView(MediaView):
    """The text that goes with the file."""

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return serve_credits(request, finished_or_404(signed_in_user(request), pk))


class SpectrogramView(MediaView):
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        generation = finished_or_404(signed_in_user(request), pk)
        if not generation.spectrogram:
            raise Http404("This soundscape has no spectrogram.")
        return serve_file(
            request,
            generation.spectrogram,
            content_type="image/png",
            etag=f"{generation.audio_checksum}-spectrogram",
            filename=f"spectrogram-{generation.pk}.png",
        )


class StemView(MediaView):
    """One layer alone."""

    def get(self, request: Request, pk: UUID, rank: int) -> HttpResponseBase:
        layer = get_object_or_404(finished_or_404(signed_in_user(request), pk).layers, rank=rank)
        if not layer.stem:
            raise Http404("This soundscape has no stems.")
        return serve_file(
            request,
            layer.stem,
            content_type="audio/wav",
            etag=f"{layer.generation.audio_checksum}-{rank}",
            filename=f"soundscape-{pk}-{rank}.wav",
        )


class StemsView(MediaView):
    """All layers as one zip, with their credits and the plan."""

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        generation = finished_or_404(signed_in_user(request), pk)
        if not archives.has_stems(generation):
            raise Http404("This soundscape has no stems.")
        try:
            archive = archives.stem_archive(generation)
        except EngineError as error:
            raise Http404(str(error)) from error
        response = StreamingHttpResponse(archive, content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="soundscape-{pk}-stems.zip"'
        return response


class ExportFileView(MediaView):
    """Everything of one's own as one zip, while it is kept."""

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        mine = Export.objects.downloadable_by(signed_in_user(request))
        export = get_object_or_404(mine, pk=pk)
        return serve_file(
            request,
            export.file,
            content_type="application/zip",
            etag=f"{export.pk}",
            filename=f"soundscapes-{export.finished_at:%Y-%m-%d}.zip",
        )


class ClipFileView(MediaView):
    """For administrators, who judge clips by ear."""

    permission_classes = (IsAdminUser,)

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        clip = get_object_or_404(Clip, pk=pk)
        return serve_file(
            request,
            clip.file,
            content_type="audio/wav",
            etag=clip.checksum,
            filename=f"{clip.pk}.wav",
        )
