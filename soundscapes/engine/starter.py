"""Photos from installed packages for the first run, listed in starter.toml."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass(frozen=True, slots=True)
class StarterImage:
    """A packaged photo; `source` names the documented function that loads it."""

    slug: str
    title: str
    author: str
    licence: str
    source: str


_INDEX = tomllib.loads(Path(__file__).with_name("starter.toml").read_text(encoding="utf-8"))
STARTER_IMAGES = tuple(StarterImage(**each) for each in _INDEX["images"])


def load(image: StarterImage) -> Image.Image:
    """Load the photo in RGB from package files, without a download."""
    package, _, name = image.source.rpartition(".data.")
    values = _from_skimage(name) if package == "skimage" else _from_sklearn(image.source)
    return Image.fromarray(values).convert("RGB")


def _from_skimage(name: str) -> np.ndarray:
    from skimage import data

    loader: Callable[[], np.ndarray | tuple[np.ndarray, ...]] = getattr(data, name)
    loaded = loader()
    return loaded[0] if isinstance(loaded, tuple) else loaded


def _from_sklearn(source: str) -> np.ndarray:
    from sklearn.datasets import load_sample_image

    return np.asarray(load_sample_image(source.rpartition(":")[2]))
