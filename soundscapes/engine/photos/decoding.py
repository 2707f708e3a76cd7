"""Decoding of untrusted photos within the calling process."""

import io
import warnings
from dataclasses import dataclass, replace
from math import ceil

from PIL import Image, ImageChops, TiffImagePlugin, UnidentifiedImageError

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import (
    decode_limits,
    file_structure,
    jpeg_structure,
    tiff_structure,
)
from soundscapes.engine.photos.flatten import (
    orientation,
    state_transparency_in_pixels,
    turned,
    upright_rgb,
)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
FORMATS_APART = ("AVIF", "HEIF")
"""Formats that are only read in the child process, which registers the HEIF plugin."""
ACCEPTED = "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF"
MISSING_SHARE = 0.01
LAST_ROWS = 16
"""Share of its rows, plus one row of blocks, that an accepted JPEG may lack at its end."""

COMPARED_SIDE = 512
COPIES = 6  # of a file that are there at a time while it is being changed

_HEAD = 2**17  # bytes of a JPEG in which its own EXIF would be


class TooHeavyError(Exception):
    """Decoding takes more memory than allowed here."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that passed every check.

    `image` is upright 8-bit sRGB on a canvas without the file's metadata. `format` is Pillow's
    name; `width` and `height` are the file's, upright, where `image` may be smaller.
    """

    image: Image.Image
    format: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Demand:
    """Sides in pixels that the caller needs, and the bytes that decoding may take."""

    least_side: int | None
    max_side: int | None
    memory: int | None = None

    def require(self, needed: int) -> None:
        """Raise TooHeavyError where `needed` bytes are more than allowed."""
        if self.memory is not None and needed > self.memory:
            raise TooHeavyError

    def size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the smallest size that is enough of an image of `size`."""
        if self.max_side is not None:
            scale = self.max_side / max(size)
        elif self.least_side is not None:
            scale = self.least_side / min(size)
        else:
            scale = 1.0
        return ceil(size[0] * min(1.0, scale)), ceil(size[1] * min(1.0, scale))


def decode(data: bytes, demand: Demand) -> Photo:
    """Decode a file. Raises PhotoError or TooHeavyError, and nothing else."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)
        try:
            return _decode(data, demand)
        except PhotoError as error:
            if error.code not in _PERHAPS_METADATA or not file_structure.has_metadata(data):
                raise
            return _decode_bare(data, demand, error)


_PERHAPS_METADATA = ("damaged", "not_an_image", "truncated")


def _decode_bare(data: bytes, demand: Demand, error: PhotoError) -> Photo:
    """Decode without the metadata, which may be all that is broken. Raises `error` if it is not."""
    demand.require(COPIES * len(data))
    try:
        return _guarded(file_structure.without_metadata(data), demand)
    except PhotoError:
        raise error from None


def _decode(data: bytes, demand: Demand) -> Photo:
    if data.startswith(tiff_structure.SIGNATURES) and tiff_structure.is_raw(data):
        return _decode_raw(data, demand)
    if data.startswith(jpeg_structure.SIGNATURE) and not jpeg_structure.has_end(data):
        return _decode_without_end(data, demand)
    return _guarded(data, demand)


def _decode_raw(data: bytes, demand: Demand) -> Photo:
    preview = tiff_structure.raw_preview(data)
    if preview is None:
        raise PhotoError(
            "This raw photo (DNG) has no large preview. Export it as JPEG and upload that.",
            status=415,
            code="raw",
        )
    photo = decode(preview.jpeg, demand)
    if b"Exif\0\0" in preview.jpeg[:_HEAD] or preview.orientation < 2:
        return photo
    upright = turned(photo.image, preview.orientation)
    is_on_side = 5 <= preview.orientation <= 8
    width, height = (photo.height, photo.width) if is_on_side else (photo.width, photo.height)
    return Photo(upright, photo.format, width, height)


def _decode_without_end(data: bytes, demand: Demand) -> Photo:
    """Decode a JPEG without an end marker. Raise PhotoError if it lacks pixels, too."""
    demand.require(COPIES * len(data))
    closed, filled = jpeg_structure.ended(data)
    if _missing_rows(closed, filled, demand) > MISSING_SHARE:
        raise _truncated()
    return _guarded(closed, demand)


def _missing_rows(closed: bytes, filled: bytes, demand: Demand) -> float:
    """Return the share of rows below the first pixel that changes with what follows the data."""
    small = replace(demand, least_side=None, max_side=COMPARED_SIDE)
    files = map(jpeg_structure.without_metadata, (closed, filled))
    one, other = (_guarded(each, small) for each in files)  # not turned by EXIF
    box = ImageChops.difference(one.image, other.image).getbbox()
    if box is None:
        return 0.0
    return (one.image.height - box[1]) / one.image.height - LAST_ROWS / one.height


def _guarded(data: bytes, demand: Demand) -> Photo:
    """Decode, with words for every exception of a decoder."""
    try:
        with Image.open(io.BytesIO(data), formats=_formats()) as image:
            return _painted(image, data, demand)
    except (PhotoError, TooHeavyError):
        raise
    except UnidentifiedImageError as error:
        raise PhotoError(
            f"This is not an image in a supported format. Upload a {ACCEPTED} file.",
            status=415,
            code="not_an_image",
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise decode_limits.too_many_pixels() from error
    except MemoryError as error:
        raise decode_limits.too_heavy() from error
    except Exception as error:
        raise (_truncated() if file_structure.is_truncation(error) else damaged()) from error


def _formats() -> tuple[str, ...]:
    return (*FORMATS, *FORMATS_APART) if "HEIF" in Image.OPEN else FORMATS


def _painted(image: Image.Image, data: bytes, demand: Demand) -> Photo:
    """Check the header, decode, turn upright, and paint onto a fresh canvas."""
    scans = jpeg_structure.count_scans(data) if decode_limits.is_jpeg(image) else 1
    decode_limits.check_scans(scans)
    file_structure.check_frames(image, data)
    _check_planes(image)
    decode_limits.check_size(image, scans)
    size = image.size
    wanted = demand.size(size)
    is_drafted = image.draft(None, wanted) is not None
    factor = max(1, min(image.width // wanted[0], image.height // wanted[1]))
    demand.require(decode_limits.memory_needed(image, size, data, scans, factor))
    state_transparency_in_pixels(image)
    image.load()
    if not is_drafted:
        size = image.size  # Pillow turns a TIFF by itself
    width, height = size[::-1] if orientation(image) >= 5 else size
    painted = no_larger(upright_rgb(image, factor), demand.max_side)
    return Photo(painted, image.format or "", width, height)


def _check_planes(image: Image.Image) -> None:
    """Raise PhotoError for uncompressed TIFF planes of 16 bits, which Pillow 13.0 reads as 8."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    tags = image.tag_v2
    is_apart = tags.get(TiffImagePlugin.PLANAR_CONFIGURATION) == 2
    is_deep = max(tags.get(TiffImagePlugin.BITSPERSAMPLE, (1,))) > 8
    if is_apart and is_deep and image.tile[0].codec_name == "raw":
        raise PhotoError(
            "This TIFF keeps its 16-bit channels apart, which cannot be read. Save it with "
            "interleaved channels or as PNG, and upload that.",
            code="damaged",
        )


def no_larger(image: Image.Image, max_side: int | None) -> Image.Image:
    if max_side is None or max(image.size) <= max_side:
        return image
    scale = max_side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _truncated() -> PhotoError:
    return PhotoError(
        "The file is incomplete: it ends in the middle of the image. Upload it again.",
        code="truncated",
    )


def damaged() -> PhotoError:
    return PhotoError(
        "The image is damaged and cannot be read. Open it in an image editor, save a "
        "copy and upload that.",
        code="damaged",
    )
