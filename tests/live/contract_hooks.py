"""Real images for schemathesis, which cannot generate them; loaded in test_contract.py."""

import io

import numpy as np
import schemathesis
from hypothesis import strategies as st
from PIL import Image


def jpeg(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


schemathesis.openapi.media_type("image/jpeg", st.builds(jpeg, st.integers(0, 50)))
