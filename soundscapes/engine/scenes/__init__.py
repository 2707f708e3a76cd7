"""Images shipped with the application.

scenes.toml lists the title, alternative text, sounds and licence of each WebP file.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

FOLDER = Path(__file__).parent
_index: dict[str, Any] = tomllib.loads((FOLDER / "scenes.toml").read_text(encoding="utf-8"))

AUTHOR: str = _index["author"]
LICENCE: str = _index["licence"]


@dataclass(frozen=True, slots=True)
class Scene:
    """An image of 1600 by 1067 pixels; `sounds` are its categories."""

    slug: str
    title: str
    alt: str
    sounds: tuple[str, ...]

    @property
    def source(self) -> str:
        return f"soundscapes.engine.scenes:{self.slug}"

    def load(self) -> Image.Image:
        with Image.open(FOLDER / f"{self.slug}.webp") as file:
            return file.convert("RGB")


SCENES = tuple(Scene(**each | {"sounds": tuple(each["sounds"])}) for each in _index["scenes"])
_ALTS = {scene.source: scene.alt for scene in SCENES}


def alt_of(source: str) -> str:
    """Return the scene's alternative text, or "" for other images."""
    return _ALTS.get(source, "")
