"""ImageNet label probabilities at every place of a photo, from installed packages alone.

Each network looks at the photo once, at the photo's own shape. Two networks average their logits:
each alone is overconfident on images unlike ImageNet's, and they err differently. B.
Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using Deep
Ensembles", NIPS 2017.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.offline import efficientnet
from soundscapes.engine.matching.offline.efficientnet import GRID, Variant

Rows = npt.NDArray[np.float32]

_MEAN, _SCALE = 127.0, 128.0
_STEP = 16  # pixels: few different shapes, to which a compiled network adapts each time
_LONGEST = 3.0  # of the short side; beyond it, a photo is squeezed


class Classifier:
    """EfficientNet-Lite on OpenVINO, or on torch if that is missing. Loads on creation."""

    def __init__(self, cache_dir: Path) -> None:
        self._networks = [
            (variant.side, _network(variant, cache_dir)) for variant in efficientnet.VARIANTS
        ]

    def logits(self, image: Image.Image) -> Rows:
        """Return shape (GRID, GRID, 1000), float32: rows and columns of an RGB image.

        Each network has a thread of its own, so that a photo takes half the time on two cores.
        """
        with ThreadPoolExecutor(len(self._networks)) as pool:
            grids = list(pool.map(partial(_grid, image), self._networks))
        mean: Rows = np.mean(grids, axis=0)
        return mean


def _grid(image: Image.Image, sized: tuple[int, Callable[[Rows], Rows]]) -> Rows:
    side, network = sized
    rows: Rows = network(_pixels(image, side))[0]
    return rows


def probabilities(logits: Rows) -> Rows:
    powers: Rows = np.exp(logits - logits.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def whole_probabilities(logits: Rows) -> Rows:
    """Return (n,) for the whole photo, from logits (GRID, GRID, n).

    Average what the photo looks like at once and what a third by a third of it looks like: the
    first names the scene, the second also sees what is small.
    """
    ninths = logits.reshape(3, GRID // 3, 3, GRID // 3, -1).mean(axis=(1, 3))
    at_once, parts = probabilities(logits.mean(axis=(0, 1))), probabilities(ninths)
    mean: Rows = (at_once + parts.mean(axis=(0, 1))) / 2
    return mean


def shape_of(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return the width and height at which a photo of this width and height is looked at."""
    width, height = size
    ratio = min(max(size) / min(size), _LONGEST)
    long = side + _STEP * round((ratio - 1) * side / _STEP)
    return (long, side) if width >= height else (side, long)


def _network(variant: Variant, cache_dir: Path) -> Callable[[Rows], Rows]:
    if not openvino_network.is_installed():
        return efficientnet.TorchNetwork(variant)
    return openvino_network.kept_network(
        cache_dir / "networks",
        f"{variant.made_of}|grid of {GRID}",
        lambda: (efficientnet.load_network(variant), efficientnet.example(variant)),
        takes_any_shape=True,
    )


def _pixels(image: Image.Image, side: int) -> Rows:
    """Return shape (1, 3, height, width), float32, about -1 to 1."""
    resized = image.resize(shape_of(image.size, side), Image.Resampling.BICUBIC, reducing_gap=3.0)
    planes = np.asarray(resized).transpose(2, 0, 1)[None]
    pixels = planes.astype(np.float32, order="C")  # as the networks take it: saves a copy
    pixels -= _MEAN
    pixels /= _SCALE
    return pixels
