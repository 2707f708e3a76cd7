"""Visible pixels of an image on a canvas without metadata."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import colour_profiles

STRIP_PIXELS = 1 << 18  # processed at a time, to keep only one copy of a large image

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""The transpositions that undo EXIF's orientations."""

_GREY_LEVELS = {"L;2": 85, "L;4": 17}
"""Distances of the decoded greys of PNGs with two or four bits."""


def upright_rgb(image: Image.Image, factor: int = 1) -> Image.Image:
    """Return an image of any mode as upright eight-bit sRGB on a fresh canvas.

    Deeper modes are scaled, colours follow the image's profile, and transparency is white. The
    canvas has 1 / `factor` of the width and height, rounded up. Raise PhotoError without pixels.
    """
    if not (image.width and image.height):
        raise PhotoError("The image has no pixels. Choose another one.", code="too_small")
    if image.mode == "La":  # Pillow converts it to nothing else
        image = image.convert("LA")
    size = (-(-image.width // factor), -(-image.height // factor))
    canvas = Image.new("RGB", size)
    levels = _levels(image)
    to_srgb = colour_profiles.conversion(image) or _unchanged
    for top, strip in _strips(image, factor):
        visible = to_srgb(_eight_bits(strip, levels))
        if visible.mode != "RGB" or visible.has_transparency_data:
            visible = on_white(visible)
        canvas.paste(visible.reduce(factor), (0, top // factor))
    return turned(canvas, orientation(image))


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Return an image of EXIF's `orientation` upright."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def state_transparency_in_pixels(image: Image.Image) -> None:
    """Scale a PNG's transparent colour to the pixel depth before decoding.

    Pillow 13.0 keeps the file's depth, which no decoded grey of two or four bits equals.
    """
    if not isinstance(image, PngImagePlugin.PngImageFile):
        return
    key = image.info.get("transparency")
    raw_mode = image.tile[0].args if image.tile else ""
    if isinstance(key, int) and raw_mode in _GREY_LEVELS:
        image.info["transparency"] = key * _GREY_LEVELS[raw_mode]
    elif isinstance(key, tuple) and raw_mode == "RGB;16B":
        image.info["transparency"] = tuple(value >> 8 for value in key)


def orientation(image: Image.Image) -> int:
    """Return EXIF's value: 1 is upright, 5 to 8 lie on their side.

    1, too, where it is none of them: a camera may write anything, and browsers ignore it.
    """
    try:
        value = _exif(image).get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - whatever Pillow makes of hostile bytes
        return 1
    return value if isinstance(value, int) and value in _TURNS else 1


def _exif(image: Image.Image) -> Image.Exif:
    """Return the EXIF alone: Pillow adds the orientation of XMP, which browsers ignore."""
    if image.format == "TIFF":  # its own tags
        return image.getexif()
    exif = Image.Exif()
    exif.load(image.info.get("exif", b""))
    return exif


def _unchanged(image: Image.Image) -> Image.Image:
    return image


def _strips(image: Image.Image, factor: int = 1) -> Iterator[tuple[int, Image.Image]]:
    """Yield strips of whole multiples of `factor` rows, each with its top row."""
    rows = max(1, STRIP_PIXELS // (image.width * factor)) * factor
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _levels(image: Image.Image) -> tuple[float, float]:
    """Return the black and white values of modes deeper than 8 bits."""
    if image.mode.startswith("I;16") and _is_white_zero(image):
        return 65535.0, 0.0
    if image.mode == "F":
        extremes = [_extremes(strip) for _top, strip in _strips(image)]
        return min(low for low, _high in extremes), max(high for _low, high in extremes)
    if image.mode == "I":
        highest = max(_extremes(strip)[1] for _top, strip in _strips(image))
        return 0.0, 65535.0 if highest > 255 else 255.0
    return 0.0, 65535.0


def _is_white_zero(image: Image.Image) -> bool:
    """Return whether a TIFF's 0 is white, which Pillow 13.0 ignores in grey of 16 bits."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return False
    return bool(image.tag_v2.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0)


def _extremes(image: Image.Image) -> tuple[float, float]:
    values = _numbers(image)
    return float(values.min()), float(values.max())


def _eight_bits(image: Image.Image, levels: tuple[float, float]) -> Image.Image:
    """Scale deep modes to L, or LA with transparency; Pillow would clip them."""
    if image.mode not in ("F", "I") and not image.mode.startswith("I;16"):
        return image
    black, white = levels
    scale = 255.0 / (white - black) if white != black else 0.0
    numbers = _numbers(image)
    values = np.clip(np.round((numbers - black) * scale), 0, 255).astype(np.uint8)
    if isinstance(key := image.info.get("transparency"), int):
        return Image.fromarray(np.dstack([values, (numbers != key) * np.uint8(255)]), "LA")
    return Image.fromarray(values, "L")


def _numbers(image: Image.Image) -> NDArray[np.float64]:
    """Return pixels as numbers, with NaN as 0."""
    values = np.asarray(image, dtype=np.float64)
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


def on_white(image: Image.Image) -> Image.Image:
    """Return an RGB copy with only the visible pixels."""
    canvas = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        canvas.paste(layered, mask=layered.getchannel("A"))
    else:
        canvas.paste(image.convert("RGB"))
    return canvas
