"""ImageNet label probabilities from installed packages alone.

Two networks average their logits over an image and its mirror image. Each alone is overconfident
on images unlike ImageNet's, and their errors differ. A. Krizhevsky et al., NIPS 2012 (mirror
image); B. Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using
Deep Ensembles", NIPS 2017. A third network (Lite0) does not improve the measured results.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.offline import efficientnet
from soundscapes.engine.matching.offline.efficientnet import Variant

Rows = npt.NDArray[np.float32]

_MEAN, _SCALE = 127.0, 128.0
_BATCH = 8  # images, each classified twice


class Classifier:
    """EfficientNet-Lite on OpenVINO, or on torch if that is missing. Loads on creation."""

    def __init__(self, cache_dir: Path) -> None:
        self._networks = [
            (variant.side, _network(variant, cache_dir)) for variant in efficientnet.VARIANTS
        ]

    def logits(self, images: Sequence[Image.Image]) -> Rows:
        """Return shape (len(images), 1000), float32; images are resized to squares."""
        starts = range(0, len(images), _BATCH)
        return np.concatenate([self._batch(images[at : at + _BATCH]) for at in starts])

    def _batch(self, images: Sequence[Image.Image]) -> Rows:
        opinions = []
        for side, network in self._networks:
            pixels = np.stack([_pixels(image, side) for image in images])
            both = network(np.concatenate([pixels, pixels[..., ::-1]]))
            opinions += np.split(both, 2)
        mean: Rows = np.mean(opinions, axis=0)
        return mean


def probabilities(logits: Rows) -> Rows:
    powers: Rows = np.exp(logits - logits.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def _network(variant: Variant, cache_dir: Path) -> Callable[[Rows], Rows]:
    if not openvino_network.is_installed():
        return efficientnet.TorchNetwork(variant)
    return openvino_network.kept_network(
        cache_dir / "networks",
        f"{variant.made_of}|{variant.side}",
        lambda: (efficientnet.load_network(variant), variant.side),
    )


def _pixels(image: Image.Image, side: int) -> Rows:
    """Return shape (3, side, side), float32, about -1 to 1."""
    square = image.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=3.0)
    pixels = np.asarray(square, dtype=np.float32).transpose(2, 0, 1)
    return (pixels - _MEAN) / _SCALE
