"""Photos inside installed packages for the first run.

Credits and licences are those of the packages' documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image


@dataclass(frozen=True, slots=True)
class StarterPicture:
    """A packaged photo; `source` names its documented loader."""

    slug: str
    title: str
    author: str
    licence: str
    source: str


def _skimage(name: str, title: str, author: str, licence: str) -> StarterPicture:
    return StarterPicture(name.replace("_", "-"), title, author, licence, f"skimage.data.{name}")


def _sklearn(name: str, title: str, author: str) -> StarterPicture:
    source = f"sklearn.datasets.load_sample_image:{name}.jpg"
    return StarterPicture(name, title, author, "CC BY 2.0", source)


_CC0 = "CC0 1.0"
_PUBLIC = "Public domain"
_UNRESTRICTED = "No known copyright restrictions"

STARTER_PICTURES: tuple[StarterPicture, ...] = (
    _sklearn("china", "A temple in China", "danielbuechele, Flickr"),
    _sklearn("flower", "A flower", "vultilion, Flickr"),
    _skimage("cat", "Chelsea the cat", "Stefan van der Walt", _CC0),
    _skimage("coffee", "A cup of coffee", "Rachel Michetti, Pikolo Espresso Bar", _CC0),
    _skimage("rocket", "A rocket launch at Cape Canaveral", "SpaceX", _PUBLIC),
    _skimage(
        "stereo_motorcycle",
        "Motorcycles in a garage",
        "N. Nesic, P. Westling, X. Wang, Y. Kitajima, G. Krathwohl and D. Scharstein",
        "Middlebury Stereo 2014 (published for research, please cite)",
    ),
    _skimage("astronaut", "Eileen Collins, astronaut", "NASA", _PUBLIC),
    _skimage("camera", "A photographer in a meadow", "Lav Varshney", _CC0),
    _skimage("clock", "A wall clock in motion", "Stefan van der Walt", _PUBLIC),
    _skimage("grass", "Grass", "linolafett, DeviantArt", _CC0),
    _skimage("gravel", "Gravel", "CC0Textures (Gravel04)", _CC0),
    _skimage("brick", "A brick wall", "CC0Textures (Bricks25)", _CC0),
    _skimage("coins", "Greek coins from Pompeii", "Brooklyn Museum", _UNRESTRICTED),
    _skimage("hubble_deep_field", "Galaxies in the Hubble deep field", "NASA", _PUBLIC),
)


def load(picture: StarterPicture) -> Image.Image:
    """Load in RGB from package files without a download."""
    package, _, name = picture.source.rpartition(".data.")
    values = _from_skimage(name) if package == "skimage" else _from_sklearn(picture.source)
    return Image.fromarray(values).convert("RGB")


def _from_skimage(name: str) -> np.ndarray:
    from skimage import data

    loader: Callable[[], np.ndarray | tuple[np.ndarray, ...]] = getattr(data, name)
    loaded = loader()
    return loaded[0] if isinstance(loaded, tuple) else loaded


def _from_sklearn(source: str) -> np.ndarray:
    from sklearn.datasets import load_sample_image

    return np.asarray(load_sample_image(source.rpartition(":")[2]))
