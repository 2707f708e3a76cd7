"""Key names of published CLIP weights, and the model's shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

# Entries of OpenAI's archives and of older transformers files that are not weights.
_EXTRA = {"input_resolution", "context_length", "vocab_size"}
_POSITIONS = re.compile(r"(^|\.)position_ids$")

_WHOLE = {
    "logit_scale": "logit_scale",
    "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
    "text_model.embeddings.position_embedding.weight": "positional_embedding",
    "text_model.final_layer_norm.weight": "ln_final.weight",
    "text_model.final_layer_norm.bias": "ln_final.bias",
    "vision_model.embeddings.class_embedding": "visual.class_embedding",
    "vision_model.embeddings.patch_embedding.weight": "visual.conv1.weight",
    "vision_model.embeddings.position_embedding.weight": "visual.positional_embedding",
    "vision_model.pre_layrnorm.weight": "visual.ln_pre.weight",
    "vision_model.pre_layrnorm.bias": "visual.ln_pre.bias",
    "vision_model.post_layernorm.weight": "visual.ln_post.weight",
    "vision_model.post_layernorm.bias": "visual.ln_post.bias",
}
_TRANSPOSED = {
    "text_projection.weight": "text_projection",
    "visual_projection.weight": "visual.proj",
}
_LAYER = re.compile(r"(text|vision)_model\.encoder\.layers\.(\d+)\.(.+)\.(weight|bias)")
_PARTS = {
    "self_attn.out_proj": "attn.out_proj",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}
_QKV = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")


def to_openai(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Rename keys to openai-clip's, and join transformers' q, k and v to `in_proj`.

    Raise KeyError for a name of no known layout.
    """
    kept = {
        name: tensor
        for name, tensor in weights.items()
        if name not in _EXTRA and not _POSITIONS.search(name)
    }
    if not any(name.startswith("vision_model.") for name in kept):
        return kept
    return _from_transformers(kept)


def shape_of(weights: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """Return the arguments of openai-clip's `CLIP` for weights with its key names."""
    width = weights["ln_final.weight"].shape[0]
    text = {
        "embed_dim": weights["text_projection"].shape[1],
        "context_length": weights["positional_embedding"].shape[0],
        "vocab_size": weights["token_embedding.weight"].shape[0],
        "transformer_width": width,
        "transformer_heads": max(1, width // 64),
        "transformer_layers": _count(weights, r"transformer\.resblocks\.(\d+)\."),
    }
    vision = _vision_transformer(weights) if "visual.proj" in weights else _residual(weights)
    return {**text, **vision}


def _from_transformers(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    import torch

    renamed: dict[str, torch.Tensor] = {}
    for name, tensor in weights.items():
        if name in _WHOLE:
            renamed[_WHOLE[name]] = tensor
        elif name in _TRANSPOSED:
            renamed[_TRANSPOSED[name]] = tensor.T.contiguous()
        elif layer := _LAYER.fullmatch(name):
            tower, number, part, kind = layer.groups()
            block = "transformer" if tower == "text" else "visual.transformer"
            target = f"{block}.resblocks.{number}"
            if part in _PARTS:
                renamed[f"{target}.{_PARTS[part]}.{kind}"] = tensor
            elif part == _QKV[0]:
                stack = [weights[name.replace(part, other)] for other in _QKV]
                renamed[f"{target}.attn.in_proj_{kind}"] = torch.cat(stack)
            elif part not in _QKV:
                raise KeyError(name)
        else:
            raise KeyError(name)
    return renamed


def _vision_transformer(weights: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    width, _, _, patch = weights["visual.conv1.weight"].shape
    grid = round((weights["visual.positional_embedding"].shape[0] - 1) ** 0.5)
    return {
        "image_resolution": patch * grid,
        "vision_layers": _count(weights, r"visual\.transformer\.resblocks\.(\d+)\."),
        "vision_width": width,
        "vision_patch_size": patch,
    }


def _residual(weights: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    grid = round((weights["visual.attnpool.positional_embedding"].shape[0] - 1) ** 0.5)
    return {
        "image_resolution": grid * 32,
        "vision_layers": tuple(_count(weights, rf"visual\.layer{n}\.(\d+)\.") for n in range(1, 5)),
        "vision_width": weights["visual.layer1.0.conv1.weight"].shape[0],
        "vision_patch_size": 0,
    }


def _count(weights: Mapping[str, torch.Tensor], pattern: str) -> int:
    return len({found[1] for name in weights if (found := re.match(pattern, name))})
