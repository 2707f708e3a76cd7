"""Encoders: photos and texts as unit vectors in one joint space."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PIL import Image

from soundscapes.engine.matching.scene import NOTHING_SAID, Scene
from soundscapes.engine.matching.vectors import Vectors

SQUARES = (1, 3)  # places of earlier encodings, which say nothing of a grid: three squares


@dataclass(frozen=True, slots=True)
class PhotoLabel:
    """A classifier's label for a photo, with its probability (0 to 1).

    `vector` is the label's unit vector in the joint space, shape (dimension,), if known; `sounds`
    are the categories that knowledge connects with the label, with weights. The matcher explains
    categories with them.
    """

    name: str
    probability: float
    vector: Vectors | None = field(default=None, compare=False, repr=False)
    sounds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Support:
    """Evidence for categories by knowledge, beside that by meaning.

    `weights` has shape (1 + places, len(slugs)), 0 to 1: the whole photo, then its places. `rarity`
    is a factor for each category.
    """

    slugs: tuple[str, ...]
    weights: Vectors
    rarity: Vectors


@dataclass(frozen=True, slots=True)
class PhotoEncoding:
    """A photo in the joint space.

    `vectors` has shape (1 + places, dimension), float32, unit rows: the whole photo, then its
    places row by row, of which there are `grid` (rows, columns). `labels` are the most probable
    first; they and `support` are empty for encoders without labels (CLIP).
    """

    vectors: Vectors
    labels: tuple[PhotoLabel, ...] = ()
    grid: tuple[int, int] = SQUARES
    support: Support | None = None
    scene: Scene = NOTHING_SAID


class Encoder(Protocol):
    @property
    def slug(self) -> str:
        """Identifier stored with every vector; it changes whenever the vectors would change."""

    @property
    def name(self) -> str:
        """Name shown to people."""

    @property
    def dimension(self) -> int: ...

    @property
    def own_prompts(self) -> Mapping[str, Sequence[str]]:
        """Prompts of its own, by category, besides those that describe what a viewer sees."""

    @property
    def trouble(self) -> str:
        """The failure that made the encoder fall back to the CPU, or an empty string."""

    def encode_photos(self, photos: Sequence[Image.Image]) -> list[PhotoEncoding]:
        """Encode upright RGB photos (see `photos.read_photo`)."""

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension), float32."""
