"""The drawn scenes, kept between runs: a change of anything that paints them draws them anew."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from PIL import Image

from soundscapes.engine import scenes
from soundscapes.engine.matching.photos import to_jpeg


def kept_jpeg(scene: scenes.Scene) -> bytes:
    """The scene as its set keeps it."""
    folder = Path(settings.DATA_DIR) / "scenes" / _state_of_the_code()
    path = folder / f"{scene.slug}.jpg"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(draw(scene)))
    return path.read_bytes()


def jpeg(picture: Image.Image) -> bytes:
    return to_jpeg(picture, None)


def kept(scene: scenes.Scene) -> Image.Image:
    return Image.open(io.BytesIO(kept_jpeg(scene)))


draw: Callable[[scenes.Scene], Image.Image] = scenes.draw  # also while the package's is replaced


def _state_of_the_code() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(scenes.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
