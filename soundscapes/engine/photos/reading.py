"""Untrusted images: checked, turned upright, and repainted from their pixels alone."""

import hashlib
import io
import json
from dataclasses import asdict
from threading import Lock

from PIL import Image

from soundscapes.engine import limited_process
from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import decode_limits, file_structure, jpeg_structure
from soundscapes.engine.photos.decoding import (
    ACCEPTED,
    Demand,
    Photo,
    TooHeavyError,
    damaged,
    decode,
    no_larger,
)
from soundscapes.engine.photos.flatten import on_white

__all__ = ["ACCEPTED", "Photo", "read_photo"]

THUMBNAIL_QUALITY = 28  # of 100
MAX_BYTES = 64 * 2**20
MEDIA_TYPES = (
    *("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/avif"),
    *("image/gif", "image/bmp", "image/tiff", ".heic", ".heif", ".avif", ".dng"),
)
"""Types for the browser's file dialog, and suffixes for systems without these types."""

DECODER = "soundscapes.engine.photos.decoder_process"

EXPORT = (
    "Export the photo as JPEG and upload that. On an iPhone, choose Settings, Camera, Formats, "
    "Most Compatible to take JPEGs."
)

_ONE_AT_A_TIME = Lock()
"""Bounds the memory of a process: threads decode one photo at a time."""


def read_photo(data: bytes, *, least_side: int | None = None, max_side: int | None = None) -> Photo:
    """Decode a photo from the bytes of a file.

    `least_side` allows decoding at the smallest whole fraction of the size whose sides have at
    least that many pixels, which is several times faster for JPEG. `max_side` limits the longer
    side and saves memory. If the bytes are not a usable still image, raise PhotoError and nothing
    else; its message is for the user, its `status` 400, 413 or 415.
    """
    try:
        _check_file(data)
        with _ONE_AT_A_TIME:
            return _read(data, least_side, max_side)
    except PhotoError:
        raise
    except Exception as error:  # whatever a parser makes of hostile bytes
        raise damaged() from error


def read_stored(data: bytes, least_side: int) -> Image.Image:
    """Decode an image that `to_jpeg` wrote, at the least fraction whose sides have `least_side`.

    It was checked before it was stored, so this needs none of `read_photo`'s checks and no turn.
    Raise PhotoError for a damaged file.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            image.draft("RGB", (least_side, least_side))
            return image.convert("RGB")
    except Exception as error:
        raise damaged() from error


def _read(data: bytes, least_side: int | None, max_side: int | None) -> Photo:
    anything = Demand(least_side, max_side)
    if kind := file_structure.heif_kind(data):
        return _read_heif(kind, data, anything)
    is_jpeg = data.startswith(jpeg_structure.SIGNATURE)
    if len(data) > decode_limits.MAX_OWN_FILE and not is_jpeg:
        return decode_apart(data, anything)
    try:
        return decode(data, Demand(least_side, max_side, decode_limits.MAX_OWN_MEMORY))
    except TooHeavyError:
        return decode_apart(data, anything)


def _read_heif(kind: str, data: bytes, demand: Demand) -> Photo:
    """Decode in a child process, because video decoders are large and complex."""
    try:
        return decode_apart(data, demand)
    except PhotoError as error:
        if error.code not in ("damaged", "not_an_image"):
            raise
        raise PhotoError(
            f"This {kind} file cannot be read. {EXPORT}", status=400, code="damaged"
        ) from error


def decode_apart(data: bytes, demand: Demand) -> Photo:
    """Call `decode` in a child process, so that only the result takes memory here."""
    try:
        answer = limited_process.run(DECODER, [json.dumps(asdict(demand))], data)
    except limited_process.ProcessEndedError as error:
        raise (decode_limits.too_heavy() if error.is_heavy else damaged()) from error
    head, _newline, pixels = answer.partition(b"\n")
    facts = json.loads(head)
    if "refusal" in facts:
        raise PhotoError(facts.pop("refusal"), **facts)
    image = Image.frombytes("RGB", tuple(facts.pop("size")), pixels)
    return Photo(image, **facts)


def _check_file(data: bytes) -> None:
    if not data:
        raise PhotoError("The file is empty. Choose another image.", code="empty")
    if len(data) > MAX_BYTES:
        size, limit = len(data) / 2**20, MAX_BYTES // 2**20
        raise PhotoError(
            f"The file is {size:.1f} MB; the limit is {limit} MB. Upload a smaller copy.",
            status=413,
            code="too_large",
        )
    if file_structure.is_svg(data):
        raise PhotoError(
            "SVG files are not supported. Export the drawing as PNG and upload that.",
            status=415,
            code="svg",
        )
    if kind := file_structure.foreign_kind(data):
        raise PhotoError(f"{kind} are not supported. {EXPORT}", status=415, code="not_accepted")
    file_structure.check_pieces(data)


def to_jpeg(image: Image.Image, max_side: int | None, quality: int = 88) -> bytes:
    """Encode an RGB `image` as JPEG without metadata.

    `max_side` bounds the longer side in pixels (None keeps the size); nothing is enlarged.
    """
    buffer = io.BytesIO()
    on_white(no_larger(image, max_side)).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def to_thumbnail(image: Image.Image, max_side: int) -> bytes:
    """Encode an RGB `image` as WebP, a sixth of a JPEG's size, for pages with many images."""
    buffer = io.BytesIO()
    small = on_white(no_larger(image, max_side))
    small.save(buffer, "WEBP", quality=THUMBNAIL_QUALITY, method=6)
    return buffer.getvalue()


def file_checksum(data: bytes) -> str:
    """Return the SHA-256 of the file in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
