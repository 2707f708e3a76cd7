"""Grass: a lit slope with blades in front, for everything that stands outdoors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soundscapes.engine.scenes import trees
from soundscapes.engine.scenes.noise import Rng, fbm, sample, spectral
from soundscapes.engine.scenes.paint import (
    COLUMNS,
    HEIGHT,
    ROWS,
    Layer,
    Light,
    Mask,
    below,
    gradient,
    lay,
)


def slope(
    picture: Light,
    rng: Rng,
    line: Mask,
    stops: Sequence[tuple[float, str]],
    *,
    horizon: float,
    sun: float = 0.0,
) -> None:
    """Cover what is below a line with grass, its texture shrinking towards the horizon.

    `sun` makes the light grow from left to right (or, negative, the other way).
    """
    away = HEIGHT / np.maximum(ROWS - horizon, 14)
    across = (COLUMNS - 800) / 1600 * away
    tufts = sample(spectral(rng, 1024, 0.85), across * 1500, away * 1100) / (1 + (away / 9) ** 2)
    patches = fbm(rng, 210, octaves=4, stretch=3.0)
    light = 0.5 + 0.10 * tufts + 0.11 * patches + sun * (COLUMNS / 1600 - 0.5)
    light += 0.10 * np.clip(1 - (ROWS - line[None, :]) / 60, 0, 1)  # the crest catches the light
    lay(picture, below(line), gradient(light.astype(np.float32), stops))


def blades(
    layer: Layer,
    rng: Rng,
    rows: tuple[float, float],
    count: int,
    height: float,
    dark: trees.Shade,
    light: trees.Shade,
    *,
    flowers: Sequence[trees.Shade] = (),
) -> None:
    """Single blades of grass, those in front drawn last and longest; a few carry flowers."""
    near = np.sort(rng.random(count) ** 0.7)  # sparser towards the back, without an edge
    for share in near:
        x, y = rng.uniform(-10, 1610), rows[0] + (rows[1] - rows[0]) * share
        tall = height * (0.35 + 0.65 * share) * rng.uniform(0.5, 1.2)
        lean = rng.normal(0.12, 0.3) * tall
        wide = 0.035 * tall + 0.6
        tone = trees.shade(dark, light, rng.random())
        layer.polygon([(x - wide, y), (x + wide, y), (x + lean, y - tall)], tone)
        if flowers and rng.random() < 0.07:
            petal = flowers[int(rng.integers(len(flowers)))]
            layer.ellipse(x + lean, y - tall, tall * 0.09 + 1, tall * 0.075 + 1, petal)
