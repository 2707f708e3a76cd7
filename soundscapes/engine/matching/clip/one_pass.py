"""CLIP's image towers with an answer at every place, from one pass.

The first vector is openai-clip's. The others say what is at each patch: for transformers the last
block's query-query attention over its values, without residual and MLP (M. Lan et al., "ClearCLIP:
Decomposing CLIP Representations for Dense Vision-Language Inference", ECCV 2024); for residual
networks the values of the attention pooling (C. Zhou et al., "Extract Free Dense Labels from CLIP",
ECCV 2022). In the last block only the first token needs the MLP, so this takes less time than
openai-clip's own pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from clip.model import (
        ModifiedResNet,
        ResidualAttentionBlock,
        VisionTransformer,
    )

Norm = tuple[float, float, float]


class SquareNetwork(nn.Module):
    """Map pixels (n, side, side, 3), uint8, to vectors (n, 1 + patches, dimension)."""

    side: int
    dimension: int


class OnePass(SquareNetwork):
    """openai-clip's image tower."""

    def __init__(self, visual: VisionTransformer | ModifiedResNet, mean: Norm, std: Norm) -> None:
        super().__init__()
        self.tower: nn.Module = (
            _Transformer(cast("VisionTransformer", visual))
            if hasattr(visual, "transformer")
            else _Residual(cast("ModifiedResNet", visual))
        )
        self.side, self.dimension = visual.input_resolution, visual.output_dim
        self.mean, self.std = mean, std

    def forward(self, pixels: Tensor) -> Tensor:
        weight = next(self.tower.parameters())
        vectors: Tensor = self.tower(normalised(pixels, self.mean, self.std).to(weight.dtype))
        return vectors


def normalised(pixels: Tensor, mean: Norm, std: Norm) -> Tensor:
    """Map (n, side, side, 3), uint8, to (n, 3, side, side), float32."""
    values = pixels.permute(0, 3, 1, 2).float() / 255.0
    shift, scale = (values.new_tensor(each)[:, None, None] for each in (mean, std))
    return (values - shift) / scale


class _Transformer(nn.Module):
    def __init__(self, visual: VisionTransformer) -> None:
        super().__init__()
        self.visual = visual

    def forward(self, pixels: Tensor) -> Tensor:
        visual = self.visual
        patches = visual.conv1(pixels).flatten(2).transpose(1, 2)
        first = visual.class_embedding.expand(patches.shape[0], 1, -1)
        tokens = torch.cat([first, patches], dim=1) + visual.positional_embedding
        tokens = visual.ln_pre(tokens).transpose(0, 1)
        *blocks, last = visual.transformer.resblocks
        for block in blocks:
            tokens = block(tokens)
        tokens = _last_block(cast("ResidualAttentionBlock", last), tokens.transpose(0, 1))
        vectors: Tensor = visual.ln_post(tokens) @ visual.proj
        return vectors


def _last_block(block: ResidualAttentionBlock, tokens: Tensor) -> Tensor:
    """Return the first token as the block would, and the others by ClearCLIP."""
    attention: nn.MultiheadAttention = block.attn
    joint = functional.linear(block.ln_1(tokens), attention.in_proj_weight, attention.in_proj_bias)
    queries, keys, values = (
        part.unflatten(-1, (attention.num_heads, -1)).transpose(1, 2)
        for part in joint.chunk(3, dim=-1)
    )

    def attend(asking: Tensor, asked: Tensor) -> Tensor:
        found = functional.scaled_dot_product_attention(asking, asked, values)
        projected: Tensor = attention.out_proj(found.transpose(1, 2).flatten(2))
        return projected

    whole = tokens[:, :1] + attend(queries[:, :, :1], keys)
    whole = whole + block.mlp(block.ln_2(whole))
    return torch.cat([whole, attend(queries[:, :, 1:], queries)], dim=1)


class _Residual(nn.Module):
    def __init__(self, visual: ModifiedResNet) -> None:
        super().__init__()
        *trunk, _pool = visual.children()
        self.trunk, self.pool = nn.Sequential(*trunk), visual.attnpool

    def forward(self, pixels: Tensor) -> Tensor:
        features = self.trunk(pixels)
        pool = self.pool
        values = pool.c_proj(pool.v_proj(features.flatten(2).transpose(1, 2)))
        return torch.cat([pool(features)[:, None], values], dim=1)
