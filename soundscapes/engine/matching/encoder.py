"""Encoders: photos and texts as unit vectors in one joint space."""

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

    `vector` is the label's unit vector in the joint space, shape (dimension,), if known. The
    matcher uses it to explain its ranking.
    """

    name: str
    probability: float
    vector: Vectors | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PhotoEncoding:
    """A photo in the joint space.

    `vectors` has shape (4, dimension), float32, unit rows: the whole image (full view and squares
    pooled), then the left, middle and right squares. `labels` are ordered by probability; encoders
    without labels (CLIP) leave them empty.
    """

    vectors: Vectors
    labels: tuple[PhotoLabel, ...] = ()


class Encoder(Protocol):
    @property
    def slug(self) -> str:
        """Identifier stored with every vector; it changes whenever the vectors would change."""

    @property
    def name(self) -> str:
        """Name shown to people."""

    @property
    def dimension(self) -> int: ...

    def encode_photos(self, photos: Sequence[Image.Image]) -> list[PhotoEncoding]:
        """Encode upright RGB photos (see `photos.read_photo`)."""

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension), float32."""


def unit(rows: npt.NDArray[np.floating]) -> Vectors:
    """Normalise rows; rows of zeros stay zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def views(image: Image.Image) -> list[Image.Image]:
    """Return the whole image, then its left, middle and right squares.

    The squares of a tall image overlap; each is nine tenths of its width.
    """
    width, height = image.size
    side = min(height, max(1, round(width * 0.9)))
    top = (height - side) // 2
    lefts = (0, (width - side) // 2, width - side)
    squares = [image.crop((left, top, left + side, top + side)) for left in lefts]
    return [image, *squares]
