"""Encoder preparation before a worker needs it."""

import pytest

from soundscapes.engine.clip_fits import bank_words
from soundscapes.engine.matching import text_vectors
from soundscapes.engine.matching.offline.offline_encoder import OfflineEncoder
from soundscapes.engine.matching.text_vectors import TextVectors
from soundscapes.images import matching
from soundscapes.management.preparation import prepare_encoder
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def _empty_cache(settings, tmp_path, monkeypatch):
    """Empty the cache of the encoder."""
    monkeypatch.setattr(matching, "_texts", lambda: TextVectors(tmp_path))
    monkeypatch.setattr(matching, "_prepared_mark", lambda: tmp_path / "prepared")


@pytest.mark.usefixtures("_empty_cache")
def test_every_description_is_encoded_once(monkeypatch):
    dog = factories.category_named("dog")
    asked, encode = [], OfflineEncoder.encode_texts

    def watched(encoder, texts):
        asked.extend(texts)
        return encode(encoder, texts)

    monkeypatch.setattr(OfflineEncoder, "encode_texts", watched)
    for _time in range(2):
        prepare_encoder()
        assert matching.is_prepared()
    (described,) = text_vectors.described(OfflineEncoder, [dog.to_engine()])
    assert sorted(asked) == sorted({*described.prompts, *bank_words()})
