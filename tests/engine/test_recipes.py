"""Activation and pixels of weights: from a configuration or the table, never a guess."""

import json

import pytest

from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching.clip import published, recipes
from soundscapes.engine.matching.clip.published import PLAIN, QUICK, Recipe

HALVES = [0.5, 0.5, 0.5]


def recipe_beside(tmp_path, **files):
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    path = tmp_path / "weights.safetensors"
    path.touch()
    return recipes.recipe_of(path)


@pytest.mark.parametrize(("quick", "activation"), [({"quick_gelu": True}, QUICK), ({}, PLAIN)])
def test_open_clip_s_configuration_is_read(tmp_path, quick, activation):
    content = {"model_cfg": quick, "preprocess_cfg": {"mean": HALVES, "std": HALVES}}
    have = recipe_beside(tmp_path, open_clip_config=content)
    assert have == Recipe(activation, tuple(HALVES), tuple(HALVES))


@pytest.mark.parametrize("activation", published.ACTIVATIONS)
def test_transformers_configuration_is_read(tmp_path, activation):
    tower = {"hidden_act": activation}
    content = {"model_type": "clip", "text_config": tower, "vision_config": tower}
    assert recipe_beside(tmp_path, config=content) == Recipe(activation)
    pixels = {"image_mean": HALVES, "image_std": HALVES}
    have = recipe_beside(tmp_path, preprocessor_config=pixels)
    assert have == Recipe(activation, tuple(HALVES), tuple(HALVES))


def test_weights_without_a_configuration_are_refused_with_words(tmp_path):
    with pytest.raises(EncoderUnavailableError, match=r"activation .* open_clip_config\.json"):
        recipe_beside(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        {"model_type": "clip", "vision_config": {"hidden_act": "relu"}},
        {"model_type": "clip", "text_config": {"hidden_act": "gelu"}},
        {"model_type": "siglip"},
        {"architecture": "vit_base_patch32_clip_224"},
        [],
        "clip",
    ],
)
def test_a_configuration_of_another_model_is_refused(tmp_path, content):
    with pytest.raises(EncoderUnavailableError):
        recipe_beside(tmp_path, config=content)


@pytest.mark.parametrize("content", [{}, {"model_cfg": 1}, {"model_cfg": {}, "preprocess_cfg": 3}])
def test_a_damaged_configuration_is_refused(tmp_path, content):
    with pytest.raises(EncoderUnavailableError):
        recipe_beside(tmp_path, open_clip_config=content)


def test_openai_s_archive_needs_no_configuration(tmp_path, monkeypatch):
    path = tmp_path / "ViT-B-32.pt"
    path.touch()
    with pytest.raises(EncoderUnavailableError):
        recipes.recipe_of(path)
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    monkeypatch.setattr(recipes, "OPENAI_CHECKSUMS", {empty})
    assert recipes.recipe_of(path) == Recipe(QUICK)
