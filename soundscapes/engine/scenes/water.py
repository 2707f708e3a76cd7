"""Water: the picture above it once more, mirrored, broken by waves, weakened by Fresnel.

The share of light that water reflects is C. Schlick's approximation (1994) with 0.02 straight
down; the waves are noise on a plane that recedes to the horizon.
"""

from __future__ import annotations

import numpy as np

from soundscapes.engine.scenes.noise import Rng, sample, spectral
from soundscapes.engine.scenes.paint import COLUMNS, HEIGHT, ROWS, WIDTH, Light, Mask, colour

DEEP = HEIGHT  # how far away the water at the picture's lower edge is thought


def plane(horizon: float, scale: float = 1.0) -> tuple[Mask, Mask]:
    """Where on a level plane each pixel under the horizon looks: across and away (far is large)."""
    away = HEIGHT / np.maximum(ROWS - horizon, 0.6) * np.float32(scale)
    across = (COLUMNS - WIDTH / 2) / WIDTH * away
    return across.astype(np.float32), (away + 0 * COLUMNS).astype(np.float32)


def waves(rng: Rng, horizon: float, size: float, stretch: float = 3.0, slope: float = 1.3) -> Mask:
    """Heights of waves (spread about 1 close by, calmer far away), long crests lying across."""
    field = spectral(rng, 1024, slope)
    across, away = plane(horizon)
    near = sample(field, across * (150 / size), away * (150 / size * stretch))
    finer = sample(field, across * (620 / size) + 411, away * (620 / size * stretch) + 97)
    mixed: Mask = near * 0.65 + finer * 0.35 / (1 + (away / 8) ** 2)
    return mixed / (1 + (away / 60) ** 2)


def reflect(
    picture: Light,
    horizon: float,
    heights: Mask,
    *,
    ripple: float = 30.0,
    drawn_out: float = 1.0,
    body: str = "#0b2530",
    body_far: str | None = None,
    clear: float = 0.35,
) -> Light:
    """What the water shows at every pixel under the horizon.

    `ripple` is how far waves push the mirrored picture about, in pixels; `drawn_out` over 1 makes
    the mirrored picture shorter; `clear` is the share of the water's own colour looking down.
    """
    depth = np.clip((ROWS - horizon) / (HEIGHT - horizon), 0.0, 1.0)
    push = heights * ripple * (0.15 + 0.85 * depth)
    source = horizon - (ROWS - horizon) * drawn_out - np.abs(push) * 0.6 + push * 0.7
    rows = np.clip(source, 0, max(horizon - 2, 1)).astype(np.int32)
    columns = np.clip(COLUMNS + push * 0.35, 0, WIDTH - 1).astype(np.int32)
    mirrored = picture[rows, columns]
    own = np.clip(clear * (0.25 + 0.75 * depth) * (1 + 0.35 * heights), 0.0, 1.0)[:, :, None]
    deep = colour(body) * depth[:, :, None] + colour(body_far or body) * (1 - depth[:, :, None])
    seen: Light = (mirrored * (1 - own) + deep * own).astype(np.float32)
    return seen
