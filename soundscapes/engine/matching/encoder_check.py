"""Check of an encoder against known answers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from soundscapes.engine.matching.clip.clip_encoder import ClipEncoder
from soundscapes.engine.matching.encoder import Encoder
from soundscapes.engine.starter import STARTER_IMAGES, load

KNOWN_MODEL = "ViT-B/32"
KNOWN_TEXT = "a portrait of an astronaut with the American flag"
KNOWN_START = (
    -0.16626,
    0.052277,
    -0.15332,
    0.44946,
    0.20667,
    -0.29565,
    0.040588,
    -0.41016,
    -0.15027,
    0.31934,
)
"""First values of the text's published ViT-B/32 embedding, before normalisation."""
KNOWN_WITHIN = 0.01  # the published values come from half-precision weights
_TEXTS = {
    "cat": "a cat",
    "coffee": "a cup of coffee",
    "rocket": "a rocket",
}


@dataclass(frozen=True, slots=True)
class Finding:
    is_right: bool
    words: str


def check_encoder(encoder: Encoder) -> Iterator[Finding]:
    """Yield findings on vector lengths, easily recognised photos, and the published embedding."""
    photos, texts = _vectors(encoder)
    lengths = np.linalg.norm(np.concatenate([photos, texts]), axis=1)
    off = float(np.abs(lengths - 1.0).max())
    yield Finding(off < 1e-4, f"Vectors have length one, to within {off:.0e}.")
    best = (photos @ texts.T).argmax(axis=1).tolist()
    named = sum(index == place for place, index in enumerate(best))
    yield Finding(named == len(best), f"{named} of {len(best)} easy photos are recognised.")
    if isinstance(encoder, ClipEncoder):
        yield Finding(True, f"The image tower runs in {encoder.arithmetic}.")
        if encoder.model == KNOWN_MODEL:
            yield _known_answer(encoder)


def _vectors(encoder: Encoder) -> tuple[np.ndarray, np.ndarray]:
    images = {image.slug: image for image in STARTER_IMAGES}
    encodings = encoder.encode_photos([load(images[slug]) for slug in _TEXTS])
    return np.stack([e.vectors[0] for e in encodings]), encoder.encode_texts(list(_TEXTS.values()))


def _known_answer(encoder: ClipEncoder) -> Finding:
    start = encoder.text_features([KNOWN_TEXT])[0, : len(KNOWN_START)]
    off = float(np.abs(start - np.array(KNOWN_START)).max())
    return Finding(
        off <= KNOWN_WITHIN,
        f"The embedding of “{KNOWN_TEXT}” differs from the published one by {off:.4f} "
        f"({KNOWN_WITHIN} is allowed).",
    )
