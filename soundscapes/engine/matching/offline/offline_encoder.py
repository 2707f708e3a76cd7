"""Offline encoder: an ImageNet classifier's labels, by meaning and by knowledge.

By meaning: M. Norouzi et al., "Zero-Shot Learning by Convex Combination of Semantic Embeddings"
(ConSE), ICLR 2014: label vectors averaged by a classifier's probabilities, here EfficientNet-Lite's
and all-MiniLM-L6-v2's in `label_space`. By knowledge: `knowledge`. Both at every place of a photo.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from soundscapes.engine.catalogue import load_label_prompts
from soundscapes.engine.matching.encoder import PhotoEncoding, PhotoLabel, Support
from soundscapes.engine.matching.offline.classifier import (
    Classifier,
    probabilities,
    whole_probabilities,
)
from soundscapes.engine.matching.offline.efficientnet import GRID
from soundscapes.engine.matching.offline.knowledge import load_knowledge
from soundscapes.engine.matching.offline.label_space import LabelSpace
from soundscapes.engine.matching.offline.labels import labels_checksum, load_labels
from soundscapes.engine.matching.offline.sentences import DIMENSION, Sentences
from soundscapes.engine.matching.scene import Scene, between, light
from soundscapes.engine.matching.text_vectors import read_arrays, write_arrays
from soundscapes.engine.matching.vectors import Vectors, storable, unit
from soundscapes.engine.sound.blas import single_threaded

SLUG = "offline-look-2"
NAME = "Offline encoder (EfficientNet-Lite, MiniLM and a table of sounds)"
LEAST_SIMILARITY = 0.16
"""Cosine of a text and an image. Of 15 invented words, 11 stay below it with each of 200 photos."""

SHOWN_LABELS = 8
SHOWN_PROBABILITY = 0.02
_SPACE = "offline-conse-2"  # of labels and texts; unchanged since


class OfflineEncoder:
    """Models load on first use; derived data is prepared once in `cache_dir`."""

    slug = SLUG
    name = NAME
    dimension = DIMENSION
    trouble = ""
    own_prompts = load_label_prompts()

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir

    @single_threaded
    def encode_photos(self, photos: Sequence[Image.Image]) -> list[PhotoEncoding]:
        """Encode RGB photos, already turned upright (`photos.read_photo`)."""
        return [self._encode(photo) for photo in photos]

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
        """Place labels at the mean of their name's and description's vectors."""
        key = hashlib.sha256(f"{_SPACE}|{labels_checksum()}".encode()).hexdigest()[:12]
        path = self._cache_dir / "labels" / f"{_SPACE}-{key}.npz"
        if kept := LabelSpace.from_arrays(read_arrays(path)):
            return kept
        labels = load_labels()
        names = self._sentences.vectors([label.name for label in labels])
        descriptions = self._sentences.vectors([label.description for label in labels])
        space = LabelSpace.fit(unit(names + descriptions))
        write_arrays(path, space.arrays())
        return space

    def _encode(self, photo: Image.Image) -> PhotoEncoding:
        logits = self._classifier.logits(photo)
        whole = whole_probabilities(logits)
        return self.encoding_of(
            np.vstack([whole, probabilities(logits).reshape(GRID * GRID, -1)]),
            _scene(photo, whole),
        )

    def encoding_of(self, chances: Vectors, scene: Scene) -> PhotoEncoding:
        """Encode label probabilities (1 + GRID * GRID, 1000): the whole, then its places."""
        knowledge = load_knowledge()
        weights = storable(knowledge.support(chances, scene.dark))
        vectors = self._space.images(chances)
        return PhotoEncoding(
            np.vstack([vectors[:1], storable(vectors[1:])]),
            self._shown(chances[0], scene.dark),
            (GRID, GRID),
            Support(knowledge.slugs, weights, knowledge.rarity),
            scene,
        )

    def _shown(self, chances: Vectors, dark: float) -> tuple[PhotoLabel, ...]:
        labels, knowledge = load_labels(), load_knowledge()
        best = [i for i in np.argsort(-chances)[:SHOWN_LABELS] if chances[i] >= SHOWN_PROBABILITY]
        vectors = unit(self._space.labels[best])
        return tuple(
            PhotoLabel(
                labels[index].name,
                float(chances[index]),
                vector,
                knowledge.sounds_of(index, dark),
            )
            for index, vector in zip(best, vectors, strict=True)
        )


def _scene(photo: Image.Image, chances: Vectors) -> Scene:
    dark, bright = light(photo)
    knowledge = load_knowledge()
    return Scene(
        dark=dark,
        bright=bright,
        indoors=between(float(chances @ knowledge.indoors), 0.2, 0.4),
        snow=between(float(chances @ knowledge.snow), 0.2, 0.4),
    )
