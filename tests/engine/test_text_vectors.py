"""Text vectors are computed once and survive damaged files."""

from dataclasses import replace

import numpy as np
import pytest

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.matching.text_vectors import CHUNK, TextVectors, described


class CountingEncoder:
    """Vectors from the texts' own bytes, and a record of the requests."""

    slug, name, dimension = "counting-1", "Counting", 8
    own_prompts = {"dog": ["a terrier", "a dog"]}

    def __init__(self):
        self.asked = []

    def encode_photos(self, photos):
        raise NotImplementedError

    def encode_texts(self, texts):
        self.asked.append(list(texts))
        rows = [
            np.random.default_rng(list(text.encode())).standard_normal(self.dimension)
            for text in texts
        ]
        rows = np.array(rows, dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def encoder():
    return CountingEncoder()


def test_vectors_come_in_the_order_of_the_texts(tmp_path, encoder):
    texts = ["rain", "wind", "rain", "fire"]
    rows = TextVectors(tmp_path).vectors(encoder, texts)
    assert rows.shape == (4, 8)
    assert rows.dtype == np.float32
    assert np.array_equal(rows, encoder.encode_texts(texts))


def test_a_text_is_encoded_once_even_across_processes(tmp_path, encoder):
    TextVectors(tmp_path).vectors(encoder, ["rain", "wind"])
    TextVectors(tmp_path).vectors(encoder, ["wind", "fire"])
    TextVectors(tmp_path).vectors(encoder, ["fire", "rain"])
    assert encoder.asked == [["rain", "wind"], ["fire"]]


def test_a_changed_encoder_starts_over(tmp_path, encoder):
    TextVectors(tmp_path).vectors(encoder, ["rain"])
    encoder.slug = "counting-2"
    TextVectors(tmp_path).vectors(encoder, ["rain"])
    assert len(encoder.asked) == 2


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half a file", b"\x93NUMPY nonsense"])
def test_a_damaged_file_is_rebuilt(tmp_path, encoder, damage):
    before = TextVectors(tmp_path).vectors(encoder, ["rain"])
    (path,) = tmp_path.rglob("*.npz")
    path.write_bytes(damage)
    assert np.array_equal(TextVectors(tmp_path).vectors(encoder, ["rain"]), before)
    assert np.array_equal(TextVectors(tmp_path).vectors(encoder, ["rain"]), before)
    assert len(encoder.asked) == 2


def test_a_truncated_file_is_rebuilt(tmp_path, encoder):
    before = TextVectors(tmp_path).vectors(encoder, ["rain", "wind"])
    (path,) = tmp_path.rglob("*.npz")
    path.write_bytes(path.read_bytes()[:-30])
    assert np.array_equal(TextVectors(tmp_path).vectors(encoder, ["rain", "wind"]), before)


def test_vectors_of_another_dimension_are_rejected(tmp_path, encoder):
    TextVectors(tmp_path).vectors(encoder, ["rain"])
    encoder.dimension = 5
    assert TextVectors(tmp_path).vectors(encoder, ["rain"]).shape == (1, 5)


def test_an_empty_list_encodes_and_writes_nothing(tmp_path, encoder):
    assert TextVectors(tmp_path).vectors(encoder, []).shape == (0, 8)
    assert encoder.asked == []
    assert list(tmp_path.iterdir()) == []


def test_only_the_cache_file_is_left_behind(tmp_path, encoder):
    TextVectors(tmp_path).vectors(encoder, ["rain"])
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["counting-1.npz"]


def test_one_cache_serves_many_calls_and_sees_other_processes_writes(tmp_path, encoder):
    cache = TextVectors(tmp_path)
    cache.vectors(encoder, ["rain"])
    TextVectors(tmp_path).vectors(encoder, ["wind"])
    assert cache.vectors(encoder, ["rain", "wind"]).shape == (2, 8)
    assert encoder.asked == [["rain"], ["wind"]]


def test_a_long_list_is_stored_in_chunks_and_resumed(tmp_path, encoder):
    texts = [f"rain {number}" for number in range(2 * CHUNK + 1)]
    reported = []

    def stop_after_the_first(done, total):
        reported.append((done, total))
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        TextVectors(tmp_path).vectors(encoder, texts, stop_after_the_first)
    assert reported == [(0, len(texts)), (CHUNK, len(texts))]
    rows = TextVectors(tmp_path).vectors(encoder, texts, lambda *step: reported.append(step))
    assert reported[2:] == [(0, CHUNK + 1), (CHUNK, CHUNK + 1), (CHUNK + 1, CHUNK + 1)]
    assert [len(asked) for asked in encoder.asked] == [CHUNK, CHUNK, 1]
    assert np.array_equal(rows, encoder.encode_texts(texts))


def test_known_texts_report_no_progress(tmp_path, encoder):
    TextVectors(tmp_path).vectors(encoder, ["rain"])
    TextVectors(tmp_path).vectors(encoder, ["rain"], lambda *_: pytest.fail("told"))


def test_an_encoder_s_own_prompts_come_after_those_of_the_category(encoder):
    dog, rain = (each for each in load_catalogue() if each.slug in ("dog", "rain"))
    known, unknown = described(encoder, [dog, rain])
    assert known.prompts == (*dog.prompts, "a terrier", "a dog")
    assert unknown == rain
    other = replace(dog, prompts=("a hot dog",))  # to which the encoder's own do not apply
    assert described(encoder, [other]) == [other]
