"""CLIP's image and text towers on one device."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from soundscapes.engine.checksums import fingerprint
from soundscapes.engine.matching.clip.image_tower import Rows, Tower, photo_tower
from soundscapes.engine.matching.clip.published import Recipe
from soundscapes.engine.matching.openvino_network import Pixels

if TYPE_CHECKING:
    from clip.model import CLIP

    from soundscapes.engine.matching.clip.one_pass import SquareNetwork

BATCH = 32  # images or texts: bounds the memory of a GPU that workers share
_FORM = "one pass 1"  # of the image tower; another text is another cached network


class Towers:
    """Both towers, each loaded on first use."""

    def __init__(self, weights: Path, recipe: Recipe, networks: Path, device: str) -> None:
        self.device = device
        self._weights, self._recipe, self._networks = weights, recipe, networks

    @cached_property
    def image(self) -> Tower:
        made_of = f"{_FORM}|{self._recipe}|{fingerprint(self._weights)}"
        return photo_tower(self._networks, made_of, self._one_pass, self.device)

    def photos(self, pixels: Pixels) -> Rows:
        """Map (n, side, side, 3) to (n, 1 + patches, dimension)."""
        starts = range(0, len(pixels), BATCH)
        return np.concatenate([self.image(pixels[start : start + BATCH]) for start in starts])

    def texts(self, texts: Sequence[str]) -> Rows:
        """Return (n, dimension), not normalised."""
        import torch

        from soundscapes.engine.matching.clip.clip_model import encode_tokens, tokenize

        with torch.inference_mode():
            batches = tokenize(texts).to(self.device).split(BATCH)
            rows: Rows = (
                torch.cat([encode_tokens(self._model, each) for each in batches]).cpu().numpy()
            )
        return rows

    @cached_property
    def _model(self) -> CLIP:
        from soundscapes.engine.matching.clip.clip_model import load_model

        return load_model(self._weights, self._recipe.activation).to(self.device)

    def _one_pass(self) -> SquareNetwork:
        from soundscapes.engine.matching.clip.one_pass import OnePass

        return OnePass(self._model.visual, self._recipe.mean, self._recipe.std).eval()
