"""The table of published models."""

import pytest

from soundscapes.engine.matching.clip.published import (
    ACTIVATIONS,
    MODELS,
    OPENAI_CHECKSUMS,
    PLAIN,
    PUBLISHED,
    QUICK,
)


def test_only_openai_s_models_use_quick_gelu():
    for name, model in PUBLISHED.items():
        is_openai = not name.endswith(("LAION-2B", "DataComp-XL"))
        assert model.recipe.activation == (QUICK if is_openai else PLAIN)
        assert model.recipe.activation in ACTIVATIONS
        assert (model.sha256 in OPENAI_CHECKSUMS) == is_openai


def test_one_published_model_has_pixels_of_its_own():
    others = {name for name, model in PUBLISHED.items() if model.recipe.mean[0] == 0.5}
    assert others == {"ViT-L/14 LAION-2B"}


def test_the_default_comes_first():
    assert MODELS[0] == "ViT-B/32"


@pytest.mark.parametrize("data", ["LAION-2B", "DataComp-XL"])
@pytest.mark.parametrize("size", ["ViT-B/32", "ViT-B/16", "ViT-L/14"])
def test_open_weights_cost_the_same_as_openai_s(size, data):
    assert PUBLISHED[f"{size} {data}"].megabytes == PUBLISHED[size].megabytes
