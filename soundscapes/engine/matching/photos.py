"""Reading photos that strangers send: checked, upright, and repainted from their pixels alone."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.matching import photo_files

THUMBNAIL_QUALITY = 36  # of 100
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
MIN_SIDE = 16
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
ACCEPTED = "JPEG, PNG, WebP, GIF, BMP or TIFF"


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that passed every check.

    `image` is upright, RGB, 8 bits, on a canvas that never saw the file's metadata. `format` is
    Pillow's name of the file's own format; `width` and `height` are those of `image`.
    """

    image: Image.Image
    format: str
    width: int
    height: int


def read_photo(data: bytes, *, least_side: int | None = None) -> Photo:
    """Decode a photo from the bytes of a file.

    With `least_side`, a JPEG is decoded at the smallest fraction (1/2, 1/4, 1/8) of its size whose
    sides still have so many pixels: several times as fast, and enough for an encoder.

    Raises PhotoError, and nothing else, for any bytes that are no usable still picture: its
    message is a sentence for the sender, its `status` 400, 413 or 415.
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
    if photo_files.is_svg(data):
        raise PhotoError(
            "An SVG is a drawing, not a photo. Export it as PNG and send that.",
            status=415,
            code="svg",
        )
    if kind := photo_files.foreign_kind(data):
        raise PhotoError(
            f"{kind} pictures cannot be read here. Export the photo as JPEG and send that.",
            status=415,
            code="not_accepted",
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)
        with _open(data) as image:
            image_format = image.format or ""
            painted = _decode(image, data, least_side)
    return Photo(painted, image_format, painted.width, painted.height)


def upright_rgb(image: Image.Image) -> Image.Image:
    """A picture of any mode as eight-bit RGB, turned as its EXIF says, on a fresh canvas.

    Deeper modes are scaled to eight bits, and what is transparent is white.
    """
    return _fresh(_eight_bits(ImageOps.exif_transpose(image)))


def to_jpeg(image: Image.Image, max_side: int | None, quality: int = 88) -> bytes:
    """A JPEG of the pixels of an RGB `image` and of nothing else.

    `max_side` bounds the longer side in pixels (None keeps the size); a smaller picture is not
    enlarged.
    """
    buffer = io.BytesIO()
    _fresh(_shrunk(image, max_side)).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def to_thumbnail(image: Image.Image, max_side: int) -> bytes:
    """A WebP of an RGB `image`, as small as a page full of them wants it: a sixth of a JPEG."""
    buffer = io.BytesIO()
    _fresh(_shrunk(image, max_side)).save(buffer, "WEBP", quality=THUMBNAIL_QUALITY, method=6)
    return buffer.getvalue()


def _shrunk(image: Image.Image, max_side: int | None) -> Image.Image:
    if max_side is None or max(image.size) <= max_side:
        return image
    scale = max_side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def views(image: Image.Image) -> list[Image.Image]:
    """The whole picture, then its left, middle and right squares (for a tall one, overlapping
    squares of nine tenths of its width)."""
    width, height = image.size
    side = min(height, max(1, round(width * 0.9)))
    top = (height - side) // 2
    lefts = (0, (width - side) // 2, width - side)
    squares = [image.crop((left, top, left + side, top + side)) for left in lefts]
    return [image, *squares]


def file_checksum(data: bytes) -> str:
    """SHA-256 of the file as it came, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PhotoError(
            f"This is not a picture that can be read here. Send a {ACCEPTED} file.",
            status=415,
            code="not_an_image",
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Exception as error:
        raise _broken() from error


def _decode(image: Image.Image, data: bytes, least_side: int | None) -> Image.Image:
    """Check the header, decode fully, turn upright, and copy the pixels to a fresh canvas."""
    try:
        _check_header(image, data)
        if least_side is not None:
            image.draft(None, (least_side, least_side))
        image.load()
        return upright_rgb(image)
    except PhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise _too_many_pixels() from error
    except Exception as error:
        if photo_files.is_truncation(error):
            raise PhotoError(
                "The file ends in the middle of the picture. Send it again, or another copy.",
                code="truncated",
            ) from error
        raise _broken() from error


def _check_header(image: Image.Image, data: bytes) -> None:
    """What can be refused before a pixel is decoded."""
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels(image.size)
    if min(image.size) < MIN_SIDE:
        raise PhotoError(
            f"The picture is only {image.width} by {image.height} pixels. "
            f"Send one with at least {MIN_SIDE} pixels a side.",
            code="too_small",
        )
    photo_files.check_frames(image)
    if image.format in ("JPEG", "MPO"):
        photo_files.check_jpeg_end(data)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Modes deeper than eight bits scaled to L; Pillow's own conversion would clip them."""
    if image.mode.startswith("I;16"):
        values = np.asarray(image, dtype=np.float64) / 257.0
    elif image.mode == "I":
        whole = np.asarray(image, dtype=np.float64)
        values = whole / 257.0 if whole.max(initial=0) > 255 else whole
    elif image.mode == "F":
        values = np.nan_to_num(np.asarray(image, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        low, high = values.min(), values.max()
        values = (values - low) * (255.0 / (high - low)) if high > low else values * 0.0
    else:
        return image
    return Image.fromarray(np.clip(np.round(values), 0, 255).astype(np.uint8), "L")


def _fresh(image: Image.Image) -> Image.Image:
    """An RGB copy on white that shares nothing with `image` but the visible pixels."""
    canvas = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        canvas.paste(layered, mask=layered.getchannel("A"))
    else:
        canvas.paste(image.convert("RGB"))
    return canvas


def _too_many_pixels(size: tuple[int, int] | None = None) -> PhotoError:
    have = f"{size[0]} by {size[1]} pixels" if size else "too many pixels"
    return PhotoError(
        f"The picture has {have}, and {MAX_PIXELS // 1_000_000} megapixels is the most. "
        "Send a smaller copy.",
        status=413,
        code="too_many_pixels",
    )


def _broken() -> PhotoError:
    return PhotoError(
        "The picture is damaged and cannot be read. Open it in a photo program, save it anew "
        "and send the copy.",
        code="damaged",
    )
