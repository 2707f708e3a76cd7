"""SigLIP with tiny random weights, beside transformers."""

import json

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.encoders import encoder_identity, load_encoder
from soundscapes.engine.matching.vectors import unit
from tests.siglip_files import save_tiny_siglip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_siglip(tmp_path_factory.mktemp("siglip"))


@pytest.fixture(scope="module")
def reference(folder):
    return transformers.SiglipModel.from_pretrained(folder).eval()


@pytest.fixture(params=["openvino", "torch"])
def encoder(request, folder, tmp_path, monkeypatch):
    if request.param == "torch":
        monkeypatch.setattr(openvino_network, "is_installed", lambda: False)
    return load_encoder("siglip", cache_dir=tmp_path, clip_weights=folder)


def photo(size=(100, 70)):
    noise = np.random.default_rng(3).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(size)


def cosine(one, other):
    return float(unit(one) @ unit(other))


def test_images_are_encoded_as_transformers_does(encoder, reference):
    processor = transformers.SiglipImageProcessor(size={"height": 64, "width": 64})
    pixels = processor(photo(), return_tensors="pt").pixel_values
    with torch.no_grad():
        wanted = reference.get_image_features(pixels).pooler_output[0].numpy()
    (encoding,) = encoder.encode_photos([photo()])
    assert cosine(encoding.vectors[0], wanted) > 0.999
    assert encoder.dimension == 48


def test_texts_are_encoded_as_transformers_does(encoder, folder, reference):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokens = tokenizer(
        ["this is a photo of a dog barking."],
        padding="max_length",
        max_length=16,
        return_tensors="pt",
    )
    with torch.no_grad():
        wanted = reference.get_text_features(tokens.input_ids).pooler_output[0].numpy()
    rows = encoder.encode_texts(["a Dog barking", "rain"])
    assert rows.shape == (2, 48)
    assert cosine(rows[0], wanted) > 0.9999


def test_identity_and_encoder_agree(encoder, folder, tmp_path):
    identity = encoder_identity("siglip", cache_dir=tmp_path, clip_weights=folder)
    assert (identity.slug, identity.name) == (encoder.slug, encoder.name)
    assert identity.slug.startswith("siglip-1-")


@pytest.mark.parametrize("harm", ["missing", "siglip2", "no folder"])
def test_a_folder_without_siglip_is_refused_with_words(tmp_path, harm):
    folder = tmp_path / "model"
    if harm == "siglip2":
        folder.mkdir()
        (folder / "model.safetensors").touch()
        (folder / "config.json").write_text(json.dumps({"model_type": "siglip2"}))
    named = None if harm == "no folder" else folder
    for choose in (encoder_identity, load_encoder):
        with pytest.raises(EncoderUnavailableError, match="SOUNDSCAPES_CLIP_WEIGHTS"):
            choose("siglip", cache_dir=tmp_path, clip_weights=named)
