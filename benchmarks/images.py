"""Images for benchmarks that upload many."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def photo() -> bytes:
    """Return a different random JPEG on every call."""
    pixels = np.random.default_rng().integers(0, 255, (48, 64, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).resize((1600, 1200)).save(buffer, "JPEG")
    return buffer.getvalue()
