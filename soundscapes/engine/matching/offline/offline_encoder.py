"""Offline encoder: ConSE built from installed packages.

M. Norouzi et al., "Zero-Shot Learning by Convex Combination of Semantic Embeddings", ICLR 2014:
label vectors averaged by an ImageNet classifier's probabilities, here EfficientNet-Lite's and
all-MiniLM-L6-v2's in `label_space`.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from soundscapes.engine.matching.encoder import PhotoEncoding, PhotoLabel, Vectors, unit, views
from soundscapes.engine.matching.offline.classifier import Classifier, probabilities
from soundscapes.engine.matching.offline.label_space import LabelSpace
from soundscapes.engine.matching.offline.labels import labels_checksum, load_labels
from soundscapes.engine.matching.offline.sentences import DIMENSION, Sentences
from soundscapes.engine.matching.text_vectors import read_arrays, write_arrays

SLUG = "offline-conse-2"
NAME = "Offline encoder (ConSE: EfficientNet-Lite and MiniLM)"
SHOWN_LABELS = 8
SHOWN_PROBABILITY = 0.02


class OfflineEncoder:
    """ConSE. Models load on first use; derived data is prepared once in `cache_dir`."""

    slug = SLUG
    name = NAME
    dimension = DIMENSION

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir

    def encode_photos(self, photos: Sequence[Image.Image]) -> list[PhotoEncoding]:
        """Encode upright RGB photos (see `photos.read_photo`)."""
        per_photo = [views(photo) for photo in photos]
        images = [view for photo_views in per_photo for view in photo_views]
        if not images:
            return []
        chances = probabilities(self._classifier.logits(images))
        return [self._encoding(rows) for rows in np.split(chances, len(photos))]

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension), float32."""
        return self._space.texts(self._sentences.vectors(texts))

    @cached_property
    def _classifier(self) -> Classifier:
        return Classifier(self._cache_dir)

    @cached_property
    def _sentences(self) -> Sentences:
        return Sentences()

    @cached_property
    def _space(self) -> LabelSpace:
        """The label space, each label at the mean of its name's and description's vectors."""
        key = hashlib.sha256(f"{SLUG}|{labels_checksum()}".encode()).hexdigest()[:12]
        path = self._cache_dir / "labels" / f"{SLUG}-{key}.npz"
        if kept := LabelSpace.from_arrays(read_arrays(path)):
            return kept
        labels = load_labels()
        names = self._sentences.vectors([label.name for label in labels])
        descriptions = self._sentences.vectors([label.description for label in labels])
        space = LabelSpace.fit(unit(names + descriptions))
        write_arrays(path, space.arrays())
        return space

    def _encoding(self, chances: npt.NDArray[np.float32]) -> PhotoEncoding:
        """Encode label probabilities (4, n) of the whole image and its squares.

        The whole image gets their mean, in which uncertain views weigh less.
        """
        mean = chances.mean(axis=0)
        vectors = self._space.images(np.stack([mean, *chances[1:]]))
        return PhotoEncoding(vectors, self._shown(mean))

    def _shown(self, chances: npt.NDArray[np.float32]) -> tuple[PhotoLabel, ...]:
        labels = load_labels()
        best = [i for i in np.argsort(-chances)[:SHOWN_LABELS] if chances[i] >= SHOWN_PROBABILITY]
        vectors = unit(self._space.labels[best])
        return tuple(
            PhotoLabel(labels[index].name, float(chances[index]), vector)
            for index, vector in zip(best, vectors, strict=True)
        )
