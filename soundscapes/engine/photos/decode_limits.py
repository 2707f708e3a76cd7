"""Limits on decoding, checked in the header before any pixel is decoded."""

from PIL import Image, JpegImagePlugin

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import file_structure

MAX_PIXELS = 50_000_000
MAX_DECODING = 128 * 2**20
"""Bytes that a decoder may use; keeps a whole web process under 300 MB."""

_OF_A_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2, "LAB": 4}
_OF_A_WEBP_PIXEL = 16  # libwebp keeps two canvases and returns a third; Pillow adds its own
_OF_A_PACKED_BMP_PIXEL = 3


def check_size(image: Image.Image) -> None:
    """Reject too many pixels in any format. Raise PhotoError (413)."""
    if image.width * image.height > MAX_PIXELS:
        raise too_many_pixels(image.size)


def check_decoding(image: Image.Image, size: tuple[int, int], data: bytes) -> None:
    """Reject an image that takes too much memory. Raise PhotoError (413).

    `image` may be decoded at less than the `size` in its file.
    """
    needed = image.width * image.height * _of_a_pixel(image)
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        needed += _coefficients(image, size, data)
    if needed > MAX_DECODING:
        pixels = size[0] * size[1]
        most = int(pixels * MAX_DECODING / needed) // 1_000_000
        kind = "progressive JPEG" if image.format in ("JPEG", "MPO") else f"{image.format}"
        raise too_many_pixels(
            size, f"the limit for a {kind} is {most} megapixels", "or a plain JPEG"
        )


def too_many_pixels(
    size: tuple[int, int] | None = None, most: str = "", otherwise: str = ""
) -> PhotoError:
    have = f"{size[0]} by {size[1]} pixels" if size else "too many pixels"
    most = most or f"the limit is {MAX_PIXELS // 1_000_000} megapixels"
    instead = f"a smaller copy, {otherwise}" if otherwise else "a smaller copy"
    return PhotoError(
        f"The image has {have}; {most}. Upload {instead}.", status=413, code="too_many_pixels"
    )


def _of_a_pixel(image: Image.Image) -> int:
    """Return the bytes per pixel, including the decoder's own."""
    if image.format == "WEBP":
        return _OF_A_WEBP_PIXEL
    if image.format == "BMP" and image.mode == "P":
        return _OF_A_PACKED_BMP_PIXEL
    return _OF_A_PIXEL.get(image.mode, 4)


def _coefficients(image: JpegImagePlugin.JpegImageFile, size: tuple[int, int], data: bytes) -> int:
    """Return the bytes of a multi-scan JPEG's coefficients: two each, held until the end."""
    if file_structure.jpeg_scans(data) == 1:
        return 0
    sampling = [(layer[1], layer[2]) for layer in image.layer]
    finest = max(h for h, _v in sampling) * max(v for _h, v in sampling)
    return 2 * size[0] * size[1] * sum(h * v for h, v in sampling) // finest
