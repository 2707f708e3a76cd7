"""Weights inside packages are the published ones, or are not loaded."""

import hashlib
from dataclasses import replace

import pytest

from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching.offline import efficientnet, sentences
from soundscapes.engine.matching.offline.efficientnet import checked

SHA256 = hashlib.sha256(b"weights").hexdigest()


def test_the_published_file_is_taken(tmp_path):
    path = tmp_path / "model.pth"
    path.write_bytes(b"weights")
    assert checked(path, SHA256) == path


@pytest.mark.parametrize("data", [b"weightS", b"", None])
def test_another_file_is_refused_with_what_to_do(tmp_path, data):
    path = tmp_path / "model.pth"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(EncoderUnavailableError, match="Install the packages again"):
        checked(path, SHA256)


def test_no_network_is_made_of_other_weights():
    pytest.importorskip("torch")
    with pytest.raises(EncoderUnavailableError, match="not the published file"):
        efficientnet.load_network(replace(efficientnet.VARIANTS[0], sha256=SHA256))


@pytest.mark.parametrize("name", sentences.FILES)
def test_no_sentence_is_encoded_by_other_files(monkeypatch, name):
    pytest.importorskip("torch")
    monkeypatch.setitem(sentences.FILES, name, SHA256)
    with pytest.raises(EncoderUnavailableError, match="not the published file"):
        sentences.Sentences()
