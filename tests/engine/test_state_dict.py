"""Key layouts of CLIP's weights, and the shape of the model that they imply."""

import pytest

from soundscapes.engine.matching.clip import clip_model, state_dict

torch = pytest.importorskip("torch")


def test_transformers_keys_become_openais_without_loss(peer):
    weights = peer.state_dict()
    renamed = state_dict.to_openai(weights)
    counted = (w for name, w in weights.items() if not name.endswith("position_ids"))
    assert sum(w.numel() for w in renamed.values()) == sum(w.numel() for w in counted)
    assert torch.equal(renamed["text_projection"], weights["text_projection.weight"].T)


def test_query_key_and_value_are_joined_in_this_order(peer):
    weights = peer.state_dict()
    renamed = state_dict.to_openai(weights)
    layers = {
        "text_model.encoder.layers.1": "transformer.resblocks.1",
        "vision_model.encoder.layers.0": "visual.transformer.resblocks.0",
    }
    for theirs, ours in layers.items():
        for kind in ("weight", "bias"):
            parts = renamed[f"{ours}.attn.in_proj_{kind}"].chunk(3)
            for letter, part in zip("qkv", parts, strict=True):
                assert torch.equal(part, weights[f"{theirs}.self_attn.{letter}_proj.{kind}"])


def test_openai_keys_stay_and_entries_that_are_not_weights_are_dropped(peer):
    weights = state_dict.to_openai(peer.state_dict())
    extra = {"input_resolution": torch.tensor(64), "context_length": torch.tensor(77)}
    again = state_dict.to_openai({**weights, **extra})
    assert again.keys() == weights.keys()
    assert all(again[name] is weight for name, weight in weights.items())


@pytest.mark.parametrize(
    "name", ["vision_model.surprise", "text_model.encoder.layers.0.surprise.weight"]
)
def test_a_key_of_no_known_layout_is_rejected(peer, name):
    with pytest.raises(KeyError, match="surprise"):
        state_dict.to_openai({**peer.state_dict(), name: torch.zeros(1)})


def test_the_shape_of_a_vision_transformer_is_read_from_its_weights(peer):
    text, vision = peer.config.text_config, peer.config.vision_config
    assert state_dict.shape_of(state_dict.to_openai(peer.state_dict())) == {
        "embed_dim": peer.config.projection_dim,
        "context_length": text.max_position_embeddings,
        "vocab_size": text.vocab_size,
        "transformer_width": text.hidden_size,
        "transformer_heads": text.num_attention_heads,
        "transformer_layers": text.num_hidden_layers,
        "image_resolution": vision.image_size,
        "vision_layers": vision.num_hidden_layers,
        "vision_width": vision.hidden_size,
        "vision_patch_size": vision.patch_size,
    }


def test_the_shape_of_a_residual_network_is_read_from_its_weights():
    clip_model._bare_package()
    from clip.model import CLIP

    shape = {
        "embed_dim": 32,
        "image_resolution": 64,
        "vision_layers": (1, 2, 1, 1),
        "vision_width": 16,
        "vision_patch_size": 0,
        "context_length": 20,
        "vocab_size": 600,
        "transformer_width": 128,
        "transformer_heads": 2,
        "transformer_layers": 2,
    }
    with torch.device("meta"):
        model = CLIP(**shape | {"vision_patch_size": None})
    assert state_dict.shape_of(model.state_dict()) == shape
