"""Stored files as responses with byte ranges, for seeking.

See RFC 9110, section 14. A single range is served; a list of ranges gets the whole file.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from zlib import crc32

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from rest_framework.request import Request

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.credits import credits_text
from soundscapes.engine.sound.plan import Plan
from soundscapes.files.tagged_audio import JoinedFile, Stretch, as_flac, as_wav
from soundscapes.generations.transcoding import (
    MEDIA_TYPES,
    find_rendition,
    get_or_create_rendition,
    needed_format,
)
from soundscapes.http.policy import protect_file
from soundscapes.http.problems import problem_response
from soundscapes.http.waiting import is_final, wait_until
from soundscapes.models import Generation, Rendition, State
from soundscapes.models.jobs import RETRIED_STATES
from soundscapes.models.renditions import Format

CONTENT_TYPES = MEDIA_TYPES | {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "zip": "application/zip",
}
RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")

UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
"""Characters that some file system does not allow in names."""
MAX_FILE_NAME = 80  # characters, so that the name fits 255 bytes in any script


def file_name(title: str, ending: str) -> str:
    """Return the title of a soundscape as the name of a file."""
    words = " ".join(UNSAFE.sub(" ", title).split())[:MAX_FILE_NAME].strip(" .")
    return f"{words or 'soundscape'}{ending}"


Reading = Callable[[Any], Any]
"""Turns a stored file into the one to send, which has a size and can be read and seeked."""


def serve_file(
    request: Request | HttpRequest,
    file: FieldFile,
    *,
    etag: str,
    filename: str,
    reading: Reading = lambda stored: stored,
) -> HttpResponseBase:
    """Return a stored file, whole or in part (200, 206, 304 or 416).

    The content type depends on the extension of `filename`.
    """
    asked = request._request if isinstance(request, Request) else request
    quoted = f'"{etag}"'
    response = get_conditional_response(asked, etag=quoted) or _body(
        asked, file, quoted, CONTENT_TYPES[filename.rpartition(".")[2]], reading
    )
    response["ETag"] = quoted
    response["Accept-Ranges"] = "bytes"
    protect_file(response)
    disposition = content_disposition_header("download" in request.GET, filename)
    response["Content-Disposition"] = disposition or ""
    return response


def _body(
    request: HttpRequest, file: FieldFile, etag: str, content_type: str, reading: Reading
) -> HttpResponseBase:
    try:
        stored = file.storage.open(str(file.name), "rb")
    except FileNotFoundError:
        raise Http404("The file is missing from the server.") from None
    opened = reading(stored)
    size = opened.size
    span = _requested_range(request, etag, size)
    if span is None:
        return _sent(opened, file, content_type=content_type)
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
    part = JoinedFile(opened, b"", Stretch(opened, start, length))
    response = _sent(part, file, status=206, content_type=content_type)
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


class StoredFile(FileResponse):
    """A response in pieces that are large enough for decoding FLAC to take most of the time."""

    block_size = 1 << 16


def _sent(opened: Any, file: FieldFile, **how: Any) -> StoredFile:
    """Return a response that the server's event loop reads, or a thread if reading may take long.

    Every other request would wait for an object store that is slow.
    """
    response = StoredFile(opened, **how)
    if not isinstance(file.storage, FileSystemStorage):
        response.file_to_stream = None
    return response


def _requested_range(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte, or None for the whole file.

    The first byte is `size` or more for an unsatisfiable range.
    """
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


LOSSLESS: dict[str, Callable[..., Any]] = {"wav": as_wav, "flac": as_flac}
"""Formats that are read from what is stored."""


def serve_lossless(
    request: Request | HttpRequest,
    file: FieldFile,
    *,
    etag: str,
    title: str,
    form: str = "wav",
) -> HttpResponseBase:
    """Return stored audio in a format of LOSSLESS. A download has the title in its tags."""
    etag += "" if form == "wav" else f"-{form}"
    tag = title if "download" in request.GET else ""
    return serve_file(
        request,
        file,
        etag=f"{etag}-{crc32(tag.encode()):08x}" if tag else etag,
        filename=file_name(title, f".{form}"),
        reading=partial(LOSSLESS[form], title=tag),
    )


def serve_sound(
    request: Request | HttpRequest, generation: Generation, name: str, title: str = ""
) -> HttpResponseBase:
    """Return the audio of a soundscape in a format of MEDIA_TYPES that exists.

    Raises Http404 for a missing file.
    """
    Generation.objects.mark_used(generation)
    words = title or generation.title
    if name in LOSSLESS:
        return serve_lossless(
            request, generation.audio, etag=generation.audio_checksum, title=words, form=name
        )
    rendition = find_rendition(generation, name)
    if rendition is None:
        raise Http404("The file is missing from the server.")
    return serve_file(
        request,
        rendition.file,
        etag=f"{generation.audio_checksum}-{name}-{crc32(rendition.title.encode()):08x}",
        filename=file_name(words, f".{name}"),
    )


def sound_response(
    request: HttpRequest, generation: Generation, name: str, title: str = ""
) -> HttpResponseBase:
    """Return a soundscape's audio as WAV or FLAC; status 202 while a worker renders it.

    For pages without an account. Raises LimitError if the queue is full.
    """
    if generation.state != State.READY:
        raise Http404("This soundscape is not ready yet.")
    if needed_or_404(generation, name) == Format.FLAC:
        if not _is_made(request, generation, Format.FLAC):
            return _pending()
        generation.refresh_from_db(fields=["audio", "audio_checksum"])
    return serve_sound(request, generation, name, title)


def converted_response(
    request: HttpRequest, generation: Generation, name: Format
) -> HttpResponseBase:
    """Return a soundscape in a lossy format; status 503 while a worker makes it.

    For programs that would take another status for the file. Raises LimitError.
    """
    needed_or_404(generation, name)
    if not _is_made(request, generation, name):
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    generation.refresh_from_db(fields=["audio", "audio_checksum"])
    return serve_sound(request, generation, name)


def needed_or_404(generation: Generation, name: str) -> str:
    try:
        return needed_format(generation, name)
    except FileNotFoundError:
        raise Http404("The file is missing from the server.") from None


def known_rendition(
    request: Request | HttpRequest, generation: Generation, name: str
) -> Rendition | None:
    """Return a rendition if there is one. Raises Http404 for HEAD, which may not have one made."""
    known = find_rendition(generation, name)
    if known is None and request.method == "HEAD":
        raise Http404("The file has not been made yet. GET has it made.")
    return known


def _pending() -> HttpResponse:
    return HttpResponse(status=202, headers={"Retry-After": "1"})


def _is_made(request: HttpRequest, generation: Generation, name: Format) -> bool:
    """Have a rendition made, and wait for it for a moment. Raises Http404 for one that failed."""
    known = known_rendition(request, generation, name)
    rendition = known or get_or_create_rendition(generation, name)
    wait_until(partial(is_final, rendition), settings.API_WAIT_SECONDS)
    rendition.refresh_from_db()
    if rendition.state in RETRIED_STATES:
        raise Http404(rendition.error)
    return rendition.is_final


def spectrogram_response(request: HttpRequest, generation: Generation) -> HttpResponseBase:
    """Return the spectrogram of a soundscape; status 202 while a worker draws it.

    For pages without an account. Raises LimitError if the queue is full.
    """
    if generation.state != State.READY:
        raise Http404("This soundscape is not ready yet.")
    needed_or_404(generation, Format.SPECTROGRAM)
    if not _is_made(request, generation, Format.SPECTROGRAM):
        return _pending()
    return serve_spectrogram(request, generation, "spectrogram.png")


def serve_spectrogram(
    request: Request | HttpRequest, generation: Generation, filename: str
) -> HttpResponseBase:
    """Return a spectrogram that has been drawn. Raises Http404 for a missing file."""
    rendition = find_rendition(generation, Format.SPECTROGRAM)
    if rendition is None:
        raise Http404("The file is missing from the server.")
    etag = f"{generation.audio_checksum}-spectrogram"
    return serve_file(request, rendition.file, etag=etag, filename=filename)


def serve_credits(
    request: Request | HttpRequest, generation: Generation, filename: str
) -> HttpResponse:
    """Return the credits of a soundscape as text. Raises Http404 for an unreadable plan."""
    try:
        plan = Plan.from_json(generation.plan)
    except EngineError as error:
        raise Http404(str(error)) from error
    response = HttpResponse(credits_text(plan), content_type="text/plain; charset=utf-8")
    return as_download(request, response, filename)


def as_download(
    request: Request | HttpRequest, response: HttpResponse, filename: str
) -> HttpResponse:
    """Make the browser save the response as `filename` if the query string has `download`."""
    if "download" in request.GET:
        response["Content-Disposition"] = content_disposition_header(True, filename) or ""
    return response
