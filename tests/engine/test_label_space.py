"""The label space: centred, spread apart, and the same for images and texts."""

import numpy as np
import pytest

from soundscapes.engine.matching.offline.label_space import LabelSpace
from soundscapes.engine.matching.vectors import unit

COUNT, DIMENSION = 200, 6


@pytest.fixture(scope="module")
def sentences():
    """Vectors that cluster around one direction, with uneven variance."""
    random = np.random.default_rng(1)
    spreads = np.geomspace(1.0, 0.01, DIMENSION)
    rows = random.standard_normal((COUNT, DIMENSION)) * spreads + 3
    return unit(rows.astype(np.float32))


def unevenness(rows):
    variances = np.linalg.eigvalsh(np.cov(rows.T))
    return variances.max() / variances.min()


def test_labels_are_centred_and_vary_more_evenly_than_their_sentences(sentences):
    space = LabelSpace.fit(sentences)
    assert np.abs(space.labels.mean(axis=0)).max() < 1e-5
    assert unevenness(space.labels) < unevenness(sentences)


def test_without_whitening_the_labels_are_only_centred(sentences):
    space = LabelSpace.fit(sentences, whitening=0.0)
    assert np.allclose(space.labels, sentences - sentences.mean(axis=0), atol=1e-5)


def test_a_labels_sentence_has_the_vector_of_an_image_of_that_label(sentences):
    space = LabelSpace.fit(sentences)
    images = space.images(np.eye(COUNT, dtype=np.float32))
    assert images.dtype == np.float32
    assert np.allclose(np.linalg.norm(images, axis=1), 1, atol=1e-5)
    assert np.allclose(space.texts(sentences), images, atol=1e-4)


def test_an_image_of_two_labels_lies_between_them(sentences):
    space = LabelSpace.fit(sentences)
    chances = np.zeros((1, COUNT), dtype=np.float32)
    chances[0, :2] = 0.75, 0.25
    (image,) = space.images(chances)
    assert np.allclose(image, unit(0.75 * space.labels[0] + 0.25 * space.labels[1]), atol=1e-5)


def test_a_space_is_restored_from_its_own_arrays_only(sentences):
    space = LabelSpace.fit(sentences)
    again = LabelSpace.from_arrays(space.arrays())
    assert np.array_equal(again.texts(sentences), space.texts(sentences))
    assert LabelSpace.from_arrays({}) is None
    assert LabelSpace.from_arrays({**space.arrays(), "surprise": space.mean}) is None
