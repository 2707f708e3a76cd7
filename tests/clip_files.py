"""A tiny CLIP with random weights, as built by transformers.

That and torch take seconds to import, in every process that collects tests, so functions do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import transformers


def tiny_clip(activation: str = "quick_gelu") -> transformers.CLIPModel:
    import torch
    import transformers

    torch.manual_seed(1)
    config = transformers.CLIPConfig(
        text_config={
            "hidden_act": activation,
            "hidden_size": 64,
            "intermediate_size": 256,
            "num_hidden_layers": 2,
            "num_attention_heads": 1,
            "vocab_size": 49408,
            "max_position_embeddings": 77,
            "eos_token_id": 49407,
            "bos_token_id": 49406,
        },
        vision_config={
            "hidden_act": activation,
            "hidden_size": 128,
            "intermediate_size": 512,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 64,
            "patch_size": 16,
        },
        projection_dim=48,
    )
    model = transformers.CLIPModel(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.05)
    return model


def save_tiny_clip(folder: Path) -> Path:
    """Write its weights with transformers' key names, and its configuration."""
    from safetensors.torch import save_file

    path = folder / "transformers.safetensors"
    model = tiny_clip()
    (folder / "config.json").write_text(model.config.to_json_string())
    weights = model.state_dict()
    save_file({name: weight.contiguous() for name, weight in weights.items()}, path)
    return path
