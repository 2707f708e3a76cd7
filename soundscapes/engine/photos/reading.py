"""Untrusted photos: checked, upright, and repainted from pixels alone."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from math import ceil
from threading import Lock

from PIL import Image, UnidentifiedImageError

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import decode_limits, file_structure
from soundscapes.engine.photos.flatten import (
    on_white,
    orientation,
    state_transparency_in_pixels,
    upright_rgb,
)

THUMBNAIL_QUALITY = 31  # of 100
MAX_BYTES = 20 * 1024 * 1024
MIN_SIDE = 16
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
ACCEPTED = "JPEG, PNG, WebP, GIF, BMP or TIFF"

_ONE_AT_A_TIME = Lock()
"""What one photo takes is bounded, and so what all threads of a process take at once."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that passed every check.

    `image` is upright 8-bit RGB on a canvas without the file's metadata. `format` is Pillow's name;
    `width` and `height` are the file's, upright, where `image` may be smaller.
    """

    image: Image.Image
    format: str
    width: int
    height: int


def read_photo(data: bytes, *, least_side: int | None = None, max_side: int | None = None) -> Photo:
    """Decode a photo from the bytes of a file.

    `least_side` allows the smallest whole fraction of the size whose sides have so many pixels:
    several times faster for JPEG. `max_side` limits the longer side, in little memory. Raises
    PhotoError, and nothing else, for bytes that are no usable still image: a sentence for the
    sender with `status` 400, 413 or 415.
    """
    if not data:
        raise PhotoError("The file is empty. Choose another photo.", code="empty")
    if len(data) > MAX_BYTES:
        size, limit = len(data) / 2**20, MAX_BYTES // 2**20
        raise PhotoError(
            f"The file has {size:.1f} MB, and {limit} MB is the most. Send a smaller copy.",
            status=413,
            code="too_large",
        )
    if file_structure.is_svg(data):
        raise PhotoError(
            "An SVG is a drawing, not a photo. Export it as PNG and send that.",
            status=415,
            code="svg",
        )
    if kind := file_structure.foreign_kind(data):
        raise PhotoError(
            f"{kind} images cannot be read here. Export the photo as JPEG and send that.",
            status=415,
            code="not_accepted",
        )
    file_structure.check_pieces(data)
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)
        with _open(data) as image:
            photo = _decode(image, data, least_side, max_side)
    return photo


def to_jpeg(image: Image.Image, max_side: int | None, quality: int = 88) -> bytes:
    """Encode an RGB `image` as JPEG without metadata.

    `max_side` bounds the longer side in pixels (None keeps the size); nothing is enlarged.
    """
    buffer = io.BytesIO()
    on_white(_no_larger(image, max_side)).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def to_thumbnail(image: Image.Image, max_side: int) -> bytes:
    """Encode an RGB `image` as WebP, a sixth of a JPEG, for pages full of them."""
    buffer = io.BytesIO()
    small = on_white(_no_larger(image, max_side))
    small.save(buffer, "WEBP", quality=THUMBNAIL_QUALITY, method=6)
    return buffer.getvalue()


def _no_larger(image: Image.Image, max_side: int | None) -> Image.Image:
    if max_side is None or max(image.size) <= max_side:
        return image
    scale = max_side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def file_checksum(data: bytes) -> str:
    """Return the SHA-256 of the file in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PhotoError(
            f"This is not an image that can be read here. Send a {ACCEPTED} file.",
            status=415,
            code="not_an_image",
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise decode_limits.too_many_pixels() from error
    except Exception as error:
        raise _broken() from error


def _decode(image: Image.Image, data: bytes, least_side: int | None, max_side: int | None) -> Photo:
    """Check the header, decode, turn upright, and paint onto a fresh canvas."""
    try:
        _check_header(image, data)
        size = image.size
        wanted = _wanted(size, least_side, max_side)
        is_drafted = image.draft(None, wanted) is not None
        decode_limits.check_decoding(image, size, data)
        state_transparency_in_pixels(image)
        image.load()
        if not is_drafted:
            size = image.size  # Pillow turns a TIFF by itself
        factor = max(1, min(image.width // wanted[0], image.height // wanted[1]))
        width, height = size[::-1] if orientation(image) >= 5 else size
        painted = _no_larger(upright_rgb(image, factor), max_side)
        return Photo(painted, image.format or "", width, height)
    except PhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise decode_limits.too_many_pixels() from error
    except Exception as error:
        if file_structure.is_truncation(error):
            raise PhotoError(
                "The file ends in the middle of the image. Send it again, or another copy.",
                code="truncated",
            ) from error
        raise _broken() from error


def _wanted(size: tuple[int, int], least_side: int | None, max_side: int | None) -> tuple[int, int]:
    if max_side is not None:
        scale = max_side / max(size)
    elif least_side is not None:
        scale = least_side / min(size)
    else:
        scale = 1.0
    return ceil(size[0] * min(1.0, scale)), ceil(size[1] * min(1.0, scale))


def _check_header(image: Image.Image, data: bytes) -> None:
    decode_limits.check_size(image)
    if min(image.size) < MIN_SIDE:
        raise PhotoError(
            f"The image is only {image.width} by {image.height} pixels. "
            f"Send one with at least {MIN_SIDE} pixels a side.",
            code="too_small",
        )
    file_structure.check_frames(image)
    if image.format in ("JPEG", "MPO"):
        file_structure.check_jpeg_end(data)


def _broken() -> PhotoError:
    return PhotoError(
        "The image is damaged and cannot be read. Open it in a photo program, save it anew "
        "and send the copy.",
        code="damaged",
    )
