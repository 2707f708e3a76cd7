"""The encoder check detects wrong vectors."""

import numpy as np
import pytest

from soundscapes.engine.matching import encoder_check
from soundscapes.engine.matching.clip.clip_encoder import ClipEncoder
from soundscapes.engine.matching.encoder import PhotoEncoding


class PlainEncoder:
    """Photo n and text n share an axis, unless the texts are shifted or scaled."""

    slug, name, dimension = "plain-1", "Plain", 8

    def __init__(self, turn=0, length=1.0):
        self.turn, self.length = turn, length

    def encode_photos(self, photos):
        rows = np.eye(len(photos), self.dimension, dtype=np.float32)
        return [PhotoEncoding(np.tile(row, (4, 1))) for row in rows]

    def encode_texts(self, texts):
        rows = np.eye(len(texts), self.dimension, dtype=np.float32)
        return np.roll(rows, self.turn, axis=0) * np.float32(self.length)


def findings(encoder):
    return list(encoder_check.check_encoder(encoder))


def test_an_encoder_that_recognises_every_photo_passes():
    length, named = findings(PlainEncoder())
    assert length.is_right
    assert named.is_right
    assert "3 of 3" in named.words


def test_an_encoder_that_confuses_photos_fails():
    length, named = findings(PlainEncoder(turn=1))
    assert length.is_right
    assert not named.is_right
    assert "0 of 3" in named.words


@pytest.mark.parametrize("length", [0.99, 1.01])
def test_vectors_of_other_lengths_are_found(length):
    first, named = findings(PlainEncoder(length=length))
    assert not first.is_right
    assert named.is_right


def test_weights_of_another_model_do_not_give_the_published_vector(openai_file):
    encoder = ClipEncoder(encoder_check.KNOWN_MODEL, openai_file, openai_file.parent)
    _length, _named, arithmetic, known = findings(encoder)
    assert encoder.arithmetic in arithmetic.words
    assert not known.is_right
    assert encoder_check.KNOWN_TEXT in known.words


def test_a_model_without_a_published_vector_is_not_checked_against_one(openai_file):
    assert len(findings(ClipEncoder("ViT-B/16", openai_file, openai_file.parent))) == 3
