"""Sentence vectors: of length one, and similar for similar meanings."""

import numpy as np
import pytest

from soundscapes.engine.matching.offline.sentences import DIMENSION, Sentences

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def sentences():
    return Sentences()


def test_every_text_has_a_unit_vector(sentences):
    rows = sentences.vectors(["rain on a roof", "a dog", ""])
    assert rows.shape == (3, DIMENSION)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_an_empty_list_gives_no_vectors(sentences):
    assert sentences.vectors([]).shape == (0, DIMENSION)


def test_sentences_with_the_same_meaning_are_closer(sentences):
    rain, shower, choir = sentences.vectors(
        ["It is raining heavily.", "There is a downpour.", "A choir sings in a church."]
    )
    assert rain @ shower > rain @ choir


def test_a_text_has_the_same_vector_in_any_batch(sentences):
    (alone,) = sentences.vectors(["waves on a beach"])
    among = sentences.vectors(["a longer sentence about a dog in the snow", "waves on a beach"])
    assert np.allclose(alone, among[1], atol=1e-5)


def test_loading_restores_the_progress_bars_of_transformers(sentences):
    from transformers.utils import logging

    assert logging.is_progress_bar_enabled()
