"""CLIP encoder built on openai-clip's model and torch.

A. Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from soundscapes.engine.matching.clip.image_tower import Tower, photo_tower
from soundscapes.engine.matching.clip.weights import file_stem, fingerprint
from soundscapes.engine.matching.encoder import PhotoEncoding, Vectors, unit, views

if TYPE_CHECKING:
    import torch
    from clip.model import CLIP

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
LEAST_SIMILARITY = 0.2
"""Of a text and an image that it may describe. LAION kept pairs from 0.3 (C. Schuhmann et al.,
"LAION-400M", 2021).
"""

_BATCH = 16
_GPU_FILES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
"""On Linux, one of these exists if there is a GPU that torch can use: CUDA, ROCm, WSL."""


def slug_of(model: str, own_weights: Path | None = None) -> str:
    """Return the slug of an openai-clip model: ViT-B/32 becomes clip-vit-b-32.

    A fingerprint of custom weights is included, because they change the vectors.
    """
    slug = f"clip-{file_stem(model)}"
    return slug if own_weights is None else f"{slug}-{fingerprint(own_weights)}"


def name_of(model: str) -> str:
    return f"CLIP {model}"


class ClipEncoder:
    """CLIP from a local weights file, loaded on first use.

    `cache_dir` holds a faster form of the image tower, which encodes photos without torch.
    """

    def __init__(self, model: str, weights: Path, cache_dir: Path, slug: str | None = None) -> None:
        self.slug = slug or slug_of(model)
        self.name = name_of(model)
        self.model = model
        self._weights = weights
        self._networks = cache_dir / "networks"

    @property
    def dimension(self) -> int:
        """512 for ViT-B/32; reading it loads the weights."""
        return self._tower.dimension

    def encode_photos(self, photos: Sequence[Image.Image]) -> list[PhotoEncoding]:
        """Encode upright RGB photos (see `photos.read_photo`)."""
        if not photos:
            return []
        images = [view for photo in photos for view in views(photo)]
        rows = np.split(self._encode(images), len(photos))
        return [PhotoEncoding(_with_whole(vectors)) for vectors in rows]

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension), float32."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit(self.text_features(texts))

    def text_features(self, texts: Sequence[str]) -> Vectors:
        """Like `encode_texts`, before normalisation. `texts` must not be empty."""
        import torch

        from soundscapes.engine.matching.clip.clip_model import tokenize

        with torch.inference_mode():
            tokens = tokenize(texts).split(_BATCH)
            rows = [self._model.encode_text(batch.to(self._device)) for batch in tokens]
            features: Vectors = torch.cat(rows).cpu().numpy()
        return features

    @property
    def arithmetic(self) -> str:
        """The number format and device used for photos, as shown to people."""
        return f"{self._tower.precision} on {self._tower.device}"

    @cached_property
    def _device(self) -> torch.device:
        import torch

        return torch.device("cuda" if _has_gpu() else "cpu")

    @cached_property
    def _model(self) -> CLIP:
        from soundscapes.engine.matching.clip.clip_model import load_model

        return load_model(self._weights).to(self._device)

    @cached_property
    def _tower(self) -> Tower:
        made_of = f"{self.slug}|{fingerprint(self._weights)}"
        return photo_tower(self._networks, made_of, lambda: self._model, has_gpu=_has_gpu())

    def _encode(self, images: Sequence[Image.Image]) -> Vectors:
        tower = self._tower
        rows = []
        for start in range(0, len(images), _BATCH):
            batch = images[start : start + _BATCH]
            rows.append(tower(np.stack([preprocess(image, tower.side) for image in batch])))
        return unit(np.concatenate(rows))


def preprocess(image: Image.Image, side: int) -> npt.NDArray[np.float32]:
    """Apply CLIP's preprocessing: short side to `side` (bicubic), centre crop, normalisation.

    Takes an RGB image; returns float32 of shape (3, side, side).
    """
    scale = side / min(image.size)
    size = [max(side, int(length * scale)) for length in image.size]
    resized = image.resize((size[0], size[1]), Image.Resampling.BICUBIC)
    left, top = (round((length - side) / 2.0) for length in size)
    square = resized.crop((left, top, left + side, top + side))
    pixels: npt.NDArray[np.float32] = np.asarray(square, dtype=np.float32) / 255.0
    pixels -= np.array(MEAN, dtype=np.float32)
    pixels /= np.array(STD, dtype=np.float32)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _with_whole(vectors: Vectors) -> Vectors:
    """Replace the first row by the mean, because the whole image's centre crop misses its sides."""
    return np.stack([unit(vectors.mean(axis=0)), *vectors[1:]])


def _has_gpu() -> bool:
    """Return whether there is a GPU, without the slow import of torch."""
    if sys.platform == "linux" and not any(map(os.path.exists, _GPU_FILES)):
        return False
    import torch

    return torch.cuda.is_available()
