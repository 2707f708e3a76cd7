"""Conversion to sRGB by the colour profile in an image."""

import io
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageCms

MAX_PROFILE = 8 * 2**20
"""Bytes. Printers' profiles have up to three million."""

_MODES = {
    "RGB ": ("RGB", ("RGB", "RGBA", "RGBX", "RGBa", "P", "PA")),
    "CMYK": ("CMYK", ("CMYK",)),
    "GRAY": ("L", ("1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N")),
}
"""Colour space of a profile: the mode that it converts, and the image modes that it fits."""

Conversion = Callable[[Image.Image], Image.Image]


def conversion(image: Image.Image) -> Conversion | None:
    """Return a function that converts parts of `image`, up to eight bits deep, to sRGB.

    The intent is relative colorimetric, as in browsers; transparency is kept. Return None without
    a profile, or if it is broken, too large, or for another colour space.
    """
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or not 0 < len(profile) <= MAX_PROFILE:
        return None
    try:
        transform, mode = _transform(profile, image.mode)
    except Exception:  # noqa: BLE001 - whatever lcms makes of hostile bytes
        return None
    return lambda part: _converted(part, transform, mode)


def _transform(profile: bytes, mode: str) -> tuple[ImageCms.ImageCmsTransform, str]:
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    needed, fitting = _MODES[opened.profile.xcolor_space]
    if mode not in fitting:
        raise ValueError(mode)
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    return ImageCms.buildTransform(opened, _srgb(), needed, "RGB", intent), needed


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _converted(part: Image.Image, transform: ImageCms.ImageCmsTransform, mode: str) -> Image.Image:
    alpha = part.convert("RGBA").getchannel("A") if part.has_transparency_data else None
    plain = part if part.mode == mode else part.convert(mode)
    converted = transform.apply(plain)
    if alpha is not None:
        converted.putalpha(alpha)
    return converted
