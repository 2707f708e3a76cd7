"""CLIP encoder built on openai-clip's model.

A. Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TypeVar

import numpy as np
from PIL import Image

from soundscapes.engine.checksums import fingerprint
from soundscapes.engine.errors import EngineError
from soundscapes.engine.matching.clip import devices
from soundscapes.engine.matching.clip.published import PUBLISHED, Recipe
from soundscapes.engine.matching.clip.recipes import recipe_of
from soundscapes.engine.matching.clip.squares import GRID, Squares, squares_of
from soundscapes.engine.matching.clip.towers import Towers
from soundscapes.engine.matching.clip.weights import file_stem
from soundscapes.engine.matching.encoder import PhotoEncoding
from soundscapes.engine.matching.scene import Scene, light
from soundscapes.engine.matching.vectors import Vectors, storable, unit

T = TypeVar("T")

LEAST_SIMILARITY = 0.2
"""Of a text and an image that it may describe. LAION kept pairs from 0.3 (C. Schuhmann et al.,
"LAION-400M", 2021).
"""

TEMPLATES = (
    "a photo of {}.",
    "a good photo of {}.",
    "a bad photo of {}.",
    "a close-up photo of {}.",
    "itap of {}.",
)
"""Those of OpenAI's eighty for ImageNet that suit a description with an article.

In the paper (section 3.1.4), the first template gains 1.3 points, and the mean over all eighty
3.5 more.
"""

_log = logging.getLogger(__name__)


def slug_of(model: str, own_weights: Path | None = None) -> str:
    """Return the slug of a published model: ViT-B/32 becomes clip-look-1-vit-b-32.

    A fingerprint of custom weights is included, because they change the vectors.
    """
    slug = f"clip-look-1-{file_stem(model)}"
    return slug if own_weights is None else f"{slug}-{fingerprint(own_weights)}"


def name_of(model: str) -> str:
    return f"CLIP {model}"


class ClipEncoder:
    """CLIP from a local weights file, loaded on first use, on a GPU if there is one.

    `is_own` says that the file is not the model's published one. `cache_dir` holds a faster form of
    the image tower, which encodes photos without torch. Threads may share an encoder: they prepare
    photos side by side and take turns at the towers.
    """

    templates: Sequence[str] = TEMPLATES

    def __init__(self, model: str, weights: Path, cache_dir: Path, *, is_own: bool = False) -> None:
        self.slug = slug_of(model, weights if is_own else None)
        self.name = name_of(model)
        self.model = model
        self.own_prompts: Mapping[str, Sequence[str]] = {}
        self.trouble = ""
        self._weights, self._is_own = weights, is_own
        self._networks = cache_dir / "networks"
        self._turn = RLock()

    @property
    def dimension(self) -> int:
        """512 for ViT-B/32; reading it loads the weights."""
        return self._on_device(lambda towers: towers.image.dimension)

    @property
    def arithmetic(self) -> str:
        """The number format and device used for photos, as shown to people."""
        return self._on_device(lambda towers: f"{towers.image.precision} on {towers.image.device}")

    def encode_photos(self, photos: Sequence[Image.Image]) -> list[PhotoEncoding]:
        """Encode upright RGB photos (see `photos.read_photo`)."""
        if not photos:
            return []
        side = self._on_device(lambda towers: towers.image.side)
        squares = [self._squares(photo.size, side) for photo in photos]
        pixels = [each.cut(photo) for each, photo in zip(squares, photos, strict=True)]
        rows = self._on_device(lambda towers: towers.photos(np.concatenate(pixels)))
        ends = np.cumsum([len(each) for each in pixels])
        return list(map(_encoding, photos, squares, np.split(unit(rows), ends[:-1])))

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension), float32.

        A text's vector is the normalised mean of its unit vectors in the templates.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        filled = [template.format(text) for text in texts for template in self.templates]
        rows = unit(self.text_features(filled)).reshape(len(texts), len(self.templates), -1)
        return unit(rows.mean(axis=1))

    def text_features(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of texts as they stand, not normalised. `texts` must not be empty."""
        return self._on_device(lambda towers: towers.texts(texts))

    def _squares(self, size: tuple[int, int], side: int) -> Squares:
        return squares_of(size, side)

    @cached_property
    def _recipe(self) -> Recipe:
        return recipe_of(self._weights) if self._is_own else PUBLISHED[self.model].recipe

    @cached_property
    def _towers(self) -> Towers:
        return self._towers_on(devices.best())

    def _towers_on(self, device: str) -> Towers:
        return Towers(self._weights, self._recipe, self._networks, device)

    def _on_device(self, work: Callable[[Towers], T]) -> T:
        """Do the work, on the CPU if the device fails."""
        with self._turn:
            try:
                return work(self._towers)
            except EngineError:
                raise
            except Exception as error:
                if self._towers.device == devices.CPU:
                    raise
                self._use_cpu(error)
            return work(self._towers)

    def _use_cpu(self, error: Exception) -> None:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        self.trouble = f"{self._towers.device} failed, CLIP runs on the CPU: {reason}"
        _log.warning("%s", self.trouble)
        self._towers = self._towers_on(devices.CPU)


def _encoding(photo: Image.Image, squares: Squares, rows: Vectors) -> PhotoEncoding:
    """Encode a photo from the unit vectors (squares, 1 + patches, d) of its squares."""
    whole = rows[0, 0] if len(rows) == 1 else unit(rows[:, 0].mean(axis=0))
    vectors = np.vstack([whole[None], storable(squares.places(rows[:, 1:]))])
    dark, bright = light(photo)
    return PhotoEncoding(vectors, grid=(GRID, GRID), scene=Scene(dark=dark, bright=bright))
