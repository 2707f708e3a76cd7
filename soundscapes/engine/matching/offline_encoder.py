"""The encoder that needs no download: ConSE over packages from a package index.

M. Norouzi et al., "Zero-Shot Learning by Convex Combination of Semantic Embeddings", ICLR 2014: an
ImageNet classifier's most probable labels, each as the vector of its words, averaged by their
probabilities. The classifier is EfficientNet-Lite2, the words' vectors are all-MiniLM-L6-v2's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from soundscapes.engine.matching.classifier import MODEL, Classifier, probabilities
from soundscapes.engine.matching.encoder import PhotoEncoding, PhotoLabel, Vectors
from soundscapes.engine.matching.labels import COUNT, labels_checksum, load_labels
from soundscapes.engine.matching.photos import views
from soundscapes.engine.matching.sentences import DIMENSION, Sentences
from soundscapes.engine.matching.text_vectors import read_arrays, write_arrays

SLUG = "offline-conse-1"
NAME = "Offline encoder (ConSE: EfficientNet-Lite2 and MiniLM)"
SHOWN_LABELS = 5
SHOWN_PROBABILITY = 0.02


class OfflineEncoder:
    """ConSE. Models load at their first use; label vectors are made once, in `cache_dir`."""

    slug = SLUG
    name = NAME
    dimension = DIMENSION

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir

    def encode_photos(self, photos: Sequence[Image.Image]) -> list[PhotoEncoding]:
        """Encode RGB photos, already turned upright (`photos.read_photo`)."""
        if not photos:
            return []
        pictures = [view for photo in photos for view in views(photo)]
        chances = probabilities(self._classifier.logits(pictures))
        vectors = _unit(chances @ self._label_vectors)
        per_photo = len(pictures) // len(photos)
        return [
            PhotoEncoding(vectors=vectors[start : start + per_photo], labels=_shown(chances[start]))
            for start in range(0, len(pictures), per_photo)
        ]

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of shape (len(texts), dimension), float32."""
        return self._sentences.vectors(texts)

    @cached_property
    def _classifier(self) -> Classifier:
        return Classifier()

    @cached_property
    def _sentences(self) -> Sentences:
        return Sentences()

    @cached_property
    def _label_vectors(self) -> Vectors:
        """Shape (1000, dimension), unit rows: the mean of a label's name and its description."""
        recipe = f"{SLUG}|{MODEL}|{labels_checksum()}"
        path = self._cache_dir / f"{SLUG}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}.npz"
        kept = read_arrays(path).get("labels")
        if kept is not None and kept.shape == (COUNT, DIMENSION):
            return kept
        labels = load_labels()
        names = self._sentences.vectors([label.name for label in labels])
        descriptions = self._sentences.vectors([label.description for label in labels])
        made = _unit(names + descriptions)
        write_arrays(path, {"labels": made})
        return made


def _shown(chances: npt.NDArray[np.float32]) -> tuple[PhotoLabel, ...]:
    """The words to show for a photo, most probable first."""
    labels = load_labels()
    best = np.argsort(-chances)[:SHOWN_LABELS]
    return tuple(
        PhotoLabel(labels[index].name, float(chances[index]))
        for index in best
        if chances[index] >= SHOWN_PROBABILITY
    )


def _unit(rows: npt.NDArray[np.float32]) -> Vectors:
    lengths: npt.NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / lengths
