"""SigLIP's image tower with an answer at every place, from one pass."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from soundscapes.engine.matching.clip.one_pass import SquareNetwork, normalised

HALVES = (0.5, 0.5, 0.5)  # mean and standard deviation of its pixels


class SiglipPass(SquareNetwork):
    """The first vector is SigLIP's. The others are what its pooling makes of one patch alone."""

    def __init__(self, vision: Any) -> None:
        super().__init__()
        self.vision = vision
        self.side, self.dimension = vision.config.image_size, vision.config.hidden_size

    def forward(self, pixels: Tensor) -> Tensor:
        weight = next(self.vision.parameters())
        states = self.vision(normalised(pixels, HALVES, HALVES).to(weight.dtype)).last_hidden_state
        alone = self.vision.head(states.flatten(0, 1)[:, None]).unflatten(0, states.shape[:2])
        return torch.cat([self.vision.head(states)[:, None], alone], dim=1)
