"""The drawn scenes, kept between runs: a change of anything that paints them draws them anew."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from PIL import Image

from soundscapes.engine import scenes
from soundscapes.engine.matching.photos import to_jpeg

KEPT = Path(__file__).resolve().parents[1] / "var" / "tests" / "scenes"


def kept_jpeg(scene: scenes.Scene) -> bytes:
    """The scene as its set keeps it."""
    folder = KEPT / _state_of_the_code()
    path = folder / f"{scene.slug}.jpg"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / uuid4().hex
        part.write_bytes(jpeg(draw(scene)))
        part.replace(path)  # tests in another process never find a part of it
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
