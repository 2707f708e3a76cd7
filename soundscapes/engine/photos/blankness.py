"""Detection of images that show nothing: black, white, or one colour."""

import numpy as np
from PIL import Image

SEEN_SIDE = 32
"""Pixels: averages out a camera's noise, but keeps a thousandth of the image."""

LEVELS = 8
"""Largest difference, of 255, between the places of a blank image."""


def is_blank(image: Image.Image) -> bool:
    """Check if all places of an RGB image look the same."""
    seen = image.resize((SEEN_SIDE, SEEN_SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    return bool(np.ptp(np.asarray(seen), axis=(0, 1)).max() <= LEVELS)
