"""Encoders: photos and texts as unit vectors of one space."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PhotoLabel:
    """A classifier's label for a photo, with its probability (0 to 1).

    `vector` is the label's unit vector in the joint space, shape (dimension,), if known; the
    matcher explains categories with it.
    """

    name: str
    probability: float
    vector: Vectors | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PhotoEncoding:
    """A photo in the joint space.

    `vectors` has shape (4, dimension), float32, unit rows: the whole image (full view and squares
    pooled), then the left, middle and right squares. `labels` are the most probable first; empty
    for encoders without labels (CLIP).
    """

    vectors: Vectors
    labels: tuple[PhotoLabel, ...] = ()


class Encoder(Protocol):
    @property
    def slug(self) -> str:
        """Stored with every vector; changes whenever the vectors would change."""

    @property
    def name(self) -> str:
        """The name shown to people."""

    @property
    def dimension(self) -> int: ...

    def encode_photos(self, photos: Sequence[Image.Image]) -> list[PhotoEncoding]:
        """Encode RGB photos, already turned upright (`photos.read_photo`)."""

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of shape (len(texts), dimension), float32."""


def unit(rows: npt.NDArray[np.floating]) -> Vectors:
    """Normalise rows; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def views(image: Image.Image) -> list[Image.Image]:
    """Return the whole image, then its left, middle and right squares.

    A tall image gives overlapping squares of nine tenths of its width.
    """
    width, height = image.size
    side = min(height, max(1, round(width * 0.9)))
    top = (height - side) // 2
    lefts = (0, (width - side) // 2, width - side)
    squares = [image.crop((left, top, left + side, top + side)) for left in lefts]
    return [image, *squares]
