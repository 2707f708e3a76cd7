"""Photos from installed packages for the first run, listed in starter.toml."""

import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from PIL import Image


@dataclass(frozen=True, slots=True)
class StarterImage:
    """A packaged photo; `source` names the documented function that loads `file`."""

    slug: str
    title: str
    author: str
    licence: str
    source: str
    file: str


_INDEX = tomllib.loads(Path(__file__).with_name("starter.toml").read_text(encoding="utf-8"))
STARTER_IMAGES = tuple(StarterImage(**each) for each in _INDEX["images"])


def load(image: StarterImage) -> Image.Image:
    """Load the photo in RGB, without importing its package: that takes most of a second."""
    package, _, path = image.file.partition("/")
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"The package {package} is not installed.")
    with Image.open(Path(found.origin).parent / path) as photo:
        return photo.convert("RGB")
