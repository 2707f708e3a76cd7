"""Limits on decoding, checked in the header before any pixel is decoded."""

from PIL import Image, JpegImagePlugin

from soundscapes.engine.errors import PhotoError

MAX_JPEG_PIXELS = 250_000_000
"""Limit of a JPEG with one scan, which can be decoded at a reduced size."""

MAX_PIXELS = 65_000_000
"""Limit of all others: panoramas have 60 megapixels, and such a WebP takes 1 GB to decode."""

MAX_SCANS = 32
"""Limit of a JPEG: each is a walk over the whole image, and programs write a dozen."""

MAX_OWN_MEMORY = 104 * 2**20
"""Bytes that a file, its decoder and the canvas may hold in the calling process.

This suffices for a JPEG of 12 megapixels, and a web process stays below 300 MB. Larger images are
decoded in a child process.
"""

MAX_OWN_FILE = 8 * 2**20
"""Bytes of a file other than JPEG: its decoder copies metadata several times when it opens it."""

MIN_SIDE = 16
MAX_RATIO = 128
"""Ratio of the sides, with which the stored copy of 2048 pixels still has MIN_SIDE."""

_OF_A_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2, "LAB": 4}
_OF_A_WEBP_PIXEL = 16  # libwebp keeps two canvases and returns a third; Pillow adds its own
_OF_A_PACKED_BMP_PIXEL = 3
_OF_A_CANVAS_PIXEL = 4

Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS  # Pillow warns of more, which counts as an error here


def is_jpeg(image: Image.Image) -> bool:
    return isinstance(image, JpegImagePlugin.JpegImageFile)


def check_scans(scans: int) -> None:
    """Reject a JPEG with too many scans. Raise PhotoError (400)."""
    if scans > MAX_SCANS:
        raise PhotoError(
            f"This JPEG has {scans:,} scans; the limit is {MAX_SCANS}. Open it in an image editor, "
            "save a copy and upload that.",
            code="scans",
        )


def check_size(image: Image.Image, scans: int) -> None:
    """Reject images that are too large, small or narrow. Raise PhotoError.

    `scans` is the number of scans of a JPEG.
    """
    size = image.width, image.height
    is_plain = is_jpeg(image) and scans == 1
    if size[0] * size[1] > (MAX_JPEG_PIXELS if is_plain else MAX_PIXELS):
        raise too_many_pixels(size, is_plain=is_plain)
    if min(size) < MIN_SIDE:
        raise PhotoError(
            f"The image is only {size[0]} by {size[1]} pixels. "
            f"Upload one with at least {MIN_SIDE} pixels on each side.",
            code="too_small",
        )
    if max(size) > MAX_RATIO * min(size):
        raise PhotoError(
            f"The image has {size[0]} by {size[1]} pixels, which is too narrow. Crop it so that "
            f"one side is at most {MAX_RATIO} times as long as the other.",
            code="too_narrow",
        )


def memory_needed(
    image: Image.Image, size: tuple[int, int], data: bytes, scans: int, factor: int
) -> int:
    """Return the bytes that file, decoder and canvas hold.

    `image` may be decoded smaller than the `size` in its file, and the canvas by `factor`.
    """
    pixels = image.width * image.height
    needed = len(data) + pixels * _of_a_pixel(image) + pixels * _OF_A_CANVAS_PIXEL // factor**2
    if isinstance(image, JpegImagePlugin.JpegImageFile) and scans > 1:
        needed += _coefficients(image, size)
    return needed


def too_many_pixels(size: tuple[int, int] | None = None, *, is_plain: bool = False) -> PhotoError:
    have = f"{size[0]} by {size[1]} pixels" if size else "too many pixels"
    limit = f"{MAX_JPEG_PIXELS // 10**6} megapixels for non-progressive JPEG"
    if not is_plain:
        limit += f" and {MAX_PIXELS // 10**6} for other images"
    return PhotoError(
        f"The image has {have}. The limit is {limit}. Upload a smaller copy.",
        status=413,
        code="too_many_pixels",
    )


def too_heavy() -> PhotoError:
    return PhotoError(
        "Decoding this image takes too much memory or time. Upload a smaller copy as JPEG.",
        status=413,
        code="too_heavy",
    )


def _of_a_pixel(image: Image.Image) -> int:
    """Return the bytes per pixel, including the decoder's own."""
    if image.format == "WEBP":
        return _OF_A_WEBP_PIXEL
    if image.format == "BMP" and image.mode == "P":
        return _OF_A_PACKED_BMP_PIXEL
    return _OF_A_PIXEL.get(image.mode, 4)


def _coefficients(image: JpegImagePlugin.JpegImageFile, size: tuple[int, int]) -> int:
    """Return the bytes of a multi-scan JPEG's coefficients: two each, kept to the end."""
    sampling = [(layer[1], layer[2]) for layer in image.layer]
    finest = max(h for h, _v in sampling) * max(v for _h, v in sampling)
    return 2 * size[0] * size[1] * sum(h * v for h, v in sampling) // finest
