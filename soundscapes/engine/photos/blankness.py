"""Detection of images that show nothing: black, white, or one colour."""

import numpy as np
from PIL import Image

SEEN_SIDE = 32
"""Pixels: a camera's noise is averaged out, and what fills a thousandth of the image is left."""

LEVELS = 8
"""Of 255: how far apart the darkest and the lightest place of one colour may be."""


def is_blank(image: Image.Image) -> bool:
    """Return whether no place of an RGB image differs from the others."""
    seen = image.resize((SEEN_SIDE, SEEN_SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    return bool(np.ptp(np.asarray(seen), axis=(0, 1)).max() <= LEVELS)
