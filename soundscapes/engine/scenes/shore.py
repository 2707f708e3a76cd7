"""A sandy shore in the evening."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import paint, sky, water
from soundscapes.engine.scenes.noise import Rng, fbm, ridge_line, sample, spectral
from soundscapes.engine.scenes.paint import COLUMNS, HEIGHT, ROWS, Light, Mask, colour, lay, smoothstep

_HORIZON = 452.0
_SUN = (1500.0, 60.0)


def evening_shore(rng: Rng) -> Image.Image:
    """Waves run out on the sand; a headland closes the bay."""
    picture = sky.clear_sky(
        _HORIZON,
        [(0.0, "#2d6cb0"), (0.4, "#6ba4d4"), (0.75, "#b5d3e2"), (0.93, "#f3ead6"), (1.0, "#fbe6c6")],
    )
    clouds = sky.cloud_plane(rng, _HORIZON + 8, scale=0.9, stretch=1.5)
    sky.lit_clouds(picture, clouds, sun=_SUN, cover=(0.15, 1.7), dark="#a3b4cd", bright="#fff6e6", opacity=0.85)
    sky.sun_glow(picture, *_SUN, "#ffdba6", 0.35, 120)
    _headland(picture, rng)
    heights = water.waves(rng, _HORIZON, 1.0, stretch=4.5)
    sea = water.reflect(
        picture, _HORIZON, heights, ripple=120, body="#2aa6a2", body_far="#12548a", clear=0.9
    )
    edge = _tide_line(rng)
    _surf(picture, sea, edge, rng)
    paint.bloom(picture, 0.95, 20, 0.3)
    return paint.finish(picture, rng, exposure=1.0)


def _headland(picture: Light, rng: Rng) -> None:
    for base, reach, tone, left, right in ((_HORIZON + 2, 95, "#7e93a8", 0, 700), (_HORIZON + 4, 150, "#5d6a5c", 0, 420)):
        profile = 1 - np.linspace(0, 1, 1600) * 1600 / right
        line = ridge_line(rng, 0, 60, roughness=0.5) * 0.5 - reach * np.clip(profile, 0, 1) ** 0.6
        line = np.where(profile > 0, base + np.minimum(line, 0), HEIGHT + 10.0)
        shape = paint.below(line) * smoothstep(base + 1, base - 1, ROWS + 0 * COLUMNS)
        shade = fbm(rng, 40, octaves=5, stretch=0.7)[:, :, None]
        lay(picture, shape, np.clip(colour(tone) * (1 + 0.35 * shade), 0, 1).astype(np.float32))


def _tide_line(rng: Rng) -> Mask:
    """The row at which the last wave ends, for every column."""
    x = np.linspace(0, 1, 1600)
    line = 640 + 300 * (1 - x) ** 1.6
    line += 16 * np.sin(x * 9 + 1.0) + 9 * np.sin(x * 21 + 0.3)
    small = fbm(rng, 60, octaves=4, size=(1600, 8))[0]
    return (line + 6 * small).astype(np.float32)


def _surf(picture: Light, sea: Light, edge: Mask, rng: Rng) -> None:
    """Sand, wet near the water and mirroring the sky, then the sea with its breakers."""
    grain = fbm(rng, 120, octaves=7, stretch=2.5)
    dunes = fbm(rng, 300, octaves=3, stretch=3)
    past = ROWS - edge[None, :]
    tone = 0.5 + 0.16 * grain + 0.12 * dunes
    sand = paint.gradient(tone, [(0.0, "#7d6248"), (0.5, "#c19d74"), (1.0, "#ecd2a6")])
    wet = smoothstep(170, 10, past + 22 * dunes)[:, :, None]
    mirror = picture[np.clip(_HORIZON - (ROWS - _HORIZON) * 0.62, 0, 1066).astype(int) + 0 * COLUMNS.astype(int), np.clip(COLUMNS + grain * 6, 0, 1599).astype(int)]
    shore = sand * (1 - 0.62 * wet) + (mirror * 0.62 + colour("#6b5a48") * 0.12) * 0.62 * wet
    under = smoothstep(_HORIZON - 0.5, _HORIZON + 0.5, ROWS + 0 * COLUMNS)
    lay(picture, under, np.where(past[:, :, None] > 0, shore, sea))
    _breakers(picture, past, rng)


def _breakers(picture: Light, past: Mask, rng: Rng) -> None:
    """Lines of foam, each the tide's line drawn towards the horizon; dark where a wave rises."""
    lace = _lace(rng)
    edge = ROWS - past
    share = np.clip(-past / (edge - _HORIZON), -0.5, 1.0)  # 0 at the sand, 1 at the horizon
    wander = fbm(rng, 170, octaves=5, stretch=3.0)
    gaps = fbm(rng, 200, octaves=2, stretch=3.0)
    open_sea = smoothstep(_HORIZON + 3, _HORIZON + 40, ROWS + 0 * COLUMNS)
    for place, wide, power in (
        (0.0, 0.10, 1.0), (0.2, 0.16, 1.0), (0.40, 0.13, 0.95), (0.57, 0.08, 0.9), (0.70, 0.05, 0.8), (0.80, 0.03, 0.7), (0.87, 0.02, 0.5)
    ):  # fmt: skip
        calm = 0.02 if place == 0 else 0.04 * (1 - place)
        where = (place - share + wander * calm) / wide
        crest = np.where(where < 0, np.exp(-((where * 5.0) ** 2)), np.exp(-((where * 1.1) ** 2)))
        torn = 0.55 if place == 0 else 0.62 - 0.25 * gaps
        foam = crest * smoothstep(torn - 0.35, torn + 0.15, lace * 0.75 + crest * 0.55 - 0.1)
        rise = np.exp(-(((where + 0.42) * 3.2) ** 2)) * (0.5 if place else 0.0)
        lay(picture, (rise * open_sea).astype(np.float32), "#0d4a55")
        lay(picture, np.clip(foam * power * open_sea, 0, 0.96).astype(np.float32), "#fff9f0")


def _lace(rng: Rng) -> Mask:
    """Foam: the crests between cells, in perspective; 0 to 1."""
    field = spectral(rng, 1024, 1.25)
    away = HEIGHT / np.maximum(ROWS - _HORIZON + 30, 20)
    across = (COLUMNS - 800) / 1600 * away
    coarse = sample(field, across * 300, away * 700)
    fine = sample(field, across * 900 + 50, away * 1900)
    return np.clip(1.0 - np.abs(coarse * 0.7 + fine * 0.4) * 1.1, 0.0, 1.0).astype(np.float32)
