"""A sandy shore in the evening."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import paint, sky, water
from soundscapes.engine.scenes.noise import Rng, fbm, ridge_line, sample, spectral
from soundscapes.engine.scenes.paint import (
    COLUMNS,
    HEIGHT,
    ROWS,
    Light,
    Mask,
    colour,
    lay,
    smoothstep,
)

_HORIZON = 452.0
_BREAKERS = (  # how far out, how wide, how white
    (0.0, 0.10, 1.0),
    (0.2, 0.16, 1.0),
    (0.40, 0.13, 0.95),
    (0.57, 0.08, 0.9),
    (0.70, 0.05, 0.8),
    (0.80, 0.03, 0.7),
    (0.87, 0.02, 0.5),
)
_SUN = (1500.0, 60.0)


def evening_shore(rng: Rng) -> Image.Image:
    """Waves run out on the sand; a headland closes the bay."""
    picture = sky.clear_sky(
        _HORIZON,
        [
            (0.0, "#2d6cb0"),
            (0.4, "#6ba4d4"),
            (0.75, "#b5d3e2"),
            (0.93, "#f3ead6"),
            (1.0, "#fbe6c6"),
        ],
    )
    clouds = sky.cloud_plane(rng, _HORIZON + 8, scale=0.9, stretch=1.5)
    sky.lit_clouds(
        picture, clouds, sun=_SUN, cover=(0.15, 1.7), dark="#a3b4cd", bright="#fff6e6", opacity=0.85
    )
    sky.sun_glow(picture, *_SUN, "#fff0d0", 0.22, 110)
    _headland(picture, rng)
    heights = water.waves(rng, _HORIZON, 1.0, stretch=4.5)
    sea = water.reflect(
        picture, _HORIZON, heights, ripple=120, body="#35bfb2", body_far="#0f5f96", clear=1.0
    )
    distance = smoothstep(300, 0, ROWS - _HORIZON)[:, :, None]
    sea = (sea * (1 - 0.8 * distance) + colour("#1f74ad") * 0.8 * distance).astype(np.float32)
    edge = _tide_line(rng)
    _surf(picture, sea, edge, rng)
    paint.bloom(picture, 0.95, 20, 0.3)
    return paint.finish(picture, rng, exposure=1.0)


def _headland(picture: Light, rng: Rng) -> None:
    """Two spurs of land that end in the sea: turf above, rock below."""
    for reach, haze, right in ((80, 0.62, 760), (165, 0.25, 470)):
        profile = np.clip(1 - np.arange(1600) / right, 0, 1)
        rough = ridge_line(rng, 0, 40, roughness=0.55) * profile**0.5
        line = np.where(profile > 0, _HORIZON + 1 - reach * profile**0.55 + rough, HEIGHT + 10.0)
        shape = (
            paint.below(np.minimum(line, _HORIZON + 1)) * (ROWS < _HORIZON + 1) * (right > COLUMNS)
        )
        depth = (ROWS - line[None, :]) / (reach * np.maximum(profile, 0.1)[None, :] ** 0.55)
        fine = fbm(rng, 26, octaves=5, gain=0.65)
        steep = fbm(rng, 30, octaves=5, gain=0.65, stretch=0.35)
        turf = paint.gradient(
            0.5 + 0.2 * fine, [(0.0, "#2c4426"), (0.5, "#60823f"), (1.0, "#a3b866")]
        )
        rock = paint.gradient(
            0.5 + 0.22 * steep, [(0.0, "#3b342e"), (0.5, "#84725f"), (1.0, "#cbb595")]
        )
        cliff = smoothstep(0.5, 0.72, depth + 0.12 * fine)[:, :, None]
        land = turf * (1 - cliff) + rock * cliff
        lay(
            picture,
            shape.astype(np.float32),
            (land * (1 - haze) + colour("#a9c4d8") * haze).astype(np.float32),
        )


def _tide_line(rng: Rng) -> Mask:
    """The row at which the last wave ends, for every column."""
    x = np.linspace(0, 1, 1600)
    line = 640 + 300 * (1 - x) ** 1.6
    line += 16 * np.sin(x * 9 + 1.0) + 9 * np.sin(x * 21 + 0.3)
    small = fbm(rng, 60, octaves=4, size=(1600, 8))[0]
    edge: Mask = (line + 6 * small).astype(np.float32)
    return edge


def _surf(picture: Light, sea: Light, edge: Mask, rng: Rng) -> None:
    """Sand, wet near the water and mirroring the sky, then the sea with its breakers."""
    away = HEIGHT / np.maximum(ROWS - _HORIZON + 60, 20)
    across = (COLUMNS - 800) / 1600 * away
    ripples = sample(spectral(rng, 1024, 1.1), across * 620, away * 1500)
    grit = rng.standard_normal((HEIGHT, 1600), dtype=np.float32)
    past = ROWS - edge[None, :]
    dunes = fbm(rng, 260, octaves=4, stretch=3)
    tone = 0.60 + 0.055 * ripples + 0.035 * grit + 0.06 * dunes
    sand = paint.gradient(tone, [(0.0, "#7d6248"), (0.5, "#c8a67d"), (1.0, "#f6e0b8")])
    wet = smoothstep(150, 0, past + 14 * dunes)[:, :, None]
    rows = np.clip(_HORIZON - (ROWS - _HORIZON) * 0.62, 0, 1066).astype(np.int32)
    columns = np.clip(COLUMNS + ripples * 5, 0, 1599).astype(np.int32)
    mirror = picture[rows, columns]
    shore = sand * (1 - 0.72 * wet) + (mirror * 0.55 + colour("#7a6550") * 0.25) * 0.72 * wet
    under = smoothstep(_HORIZON - 0.5, _HORIZON + 0.5, ROWS + 0 * COLUMNS)
    lay(picture, under, np.where(past[:, :, None] > 0, shore, sea).astype(np.float32))
    _breakers(picture, past, rng)
    _pebbles(picture, rng, edge)


def _pebbles(picture: Light, rng: Rng, edge: Mask) -> None:
    """Shells and small stones with their shadows."""
    layer = paint.Layer()
    for _stone in range(260):
        x, y = rng.uniform(0, 1600), rng.uniform(700, 1066)
        if y < edge[int(min(x, 1599))] + 60:
            continue
        size = (y - 560) / 480 * rng.uniform(1.2, 5.0)
        grey = int(rng.uniform(110, 235))
        layer.ellipse(x - size * 0.7, y + size * 0.35, size * 1.3, size * 0.5, (122, 96, 70))
        layer.ellipse(x, y, size, size * 0.62, (grey, int(grey * 0.93), int(grey * 0.84)))
        layer.ellipse(
            x + size * 0.25,
            y - size * 0.18,
            size * 0.5,
            size * 0.25,
            (min(grey + 30, 255), min(grey + 22, 250), grey),
        )
    layer.onto(picture, strength=0.85)


def _breakers(picture: Light, past: Mask, rng: Rng) -> None:
    """Lines of foam, each the tide's line drawn towards the horizon; dark where a wave rises."""
    lace = _lace(rng)
    edge = ROWS - past
    share = np.clip(-past / (edge - _HORIZON), -0.5, 1.0)  # 0 at the sand, 1 at the horizon
    wander = fbm(rng, 170, octaves=5, stretch=3.0)
    gaps = fbm(rng, 200, octaves=2, stretch=3.0)
    open_sea = smoothstep(_HORIZON + 3, _HORIZON + 40, ROWS + 0 * COLUMNS)
    for place, wide, power in _BREAKERS:
        calm = 0.02 if place == 0 else 0.04 * (1 - place)
        where = (place - share + wander * calm) / wide
        crest = np.where(where < 0, np.exp(-((where * 5.0) ** 2)), np.exp(-((where * 1.1) ** 2)))
        torn = 0.5 if place == 0 else 0.62 - 0.3 * gaps * np.cos(place * 40)
        foam = crest**0.6 * smoothstep(torn - 0.16, torn + 0.16, lace * 0.8 + crest * 0.5 - 0.12)
        rise = np.exp(-(((where + 0.42) * 3.2) ** 2)) * (0.5 if place else 0.0)
        lay(picture, (rise * open_sea).astype(np.float32), "#0a5a6c")
        lay(picture, np.clip(foam * power * open_sea, 0, 0.96).astype(np.float32), "#fff9f0")


def _lace(rng: Rng) -> Mask:
    """Foam: the crests between cells, in perspective; 0 to 1."""
    field = spectral(rng, 1024, 1.25)
    away = HEIGHT / np.maximum(ROWS - _HORIZON + 30, 20)
    across = (COLUMNS - 800) / 1600 * away
    coarse = sample(field, across * 300, away * 700)
    fine = sample(field, across * 900 + 50, away * 1900)
    return np.clip(1.0 - np.abs(coarse * 0.7 + fine * 0.4) * 1.1, 0.0, 1.0).astype(np.float32)
