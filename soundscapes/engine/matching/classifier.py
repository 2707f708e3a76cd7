"""Pictures to the probabilities of ImageNet's thousand labels, from installed packages alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from soundscapes.engine.matching import efficientnet, openvino_network

_MEAN, _SCALE = 127.0, 128.0
_BATCH = 16


class Classifier:
    """EfficientNet-Lite2 on OpenVINO, or on torch where there is none. Loads when it is made."""

    def __init__(self, cache_dir: Path) -> None:
        self._network = _network(cache_dir)

    def logits(self, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        """Shape (len(pictures), 1000), float32. Pictures of any size are squeezed to a square."""
        rows = []
        for start in range(0, len(pictures), _BATCH):
            pixels = np.stack([_pixels(p) for p in pictures[start : start + _BATCH]])
            rows.append(self._network(pixels.transpose(0, 3, 1, 2)))
        return np.concatenate(rows)


def probabilities(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Softmax over the last axis."""
    powers: npt.NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def _network(
    cache_dir: Path,
) -> Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]:
    if not openvino_network.is_installed():
        return efficientnet.TorchNetwork()
    return openvino_network.kept_network(
        cache_dir / "networks",
        efficientnet.made_of(),
        efficientnet.load_network,
        efficientnet.SIDE,
    )


def _pixels(picture: Image.Image) -> npt.NDArray[np.float32]:
    side = efficientnet.SIDE
    square = picture.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=3.0)
    pixels: npt.NDArray[np.float32] = np.asarray(square, dtype=np.float32)
    return (pixels - _MEAN) / _SCALE
