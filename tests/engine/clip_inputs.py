"""Inputs of the CLIP tests: sentences, an image of noise, pixels."""

from __future__ import annotations

import numpy as np
from PIL import Image

TEXTS = ["a photo of a dog", "waves breaking on a beach", "Ünïcödé, and “quotes”!"]


def image(size: tuple[int, int] = (90, 70)) -> Image.Image:
    values = np.random.default_rng(3).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(values)


def pixels(count: int = 3, side: int = 64) -> np.ndarray:
    """Return squares of noise."""
    rng = np.random.default_rng(4)
    return rng.integers(0, 256, (count, side, side, 3), dtype=np.uint8)
