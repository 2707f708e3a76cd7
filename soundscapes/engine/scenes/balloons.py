"""Balloons over a valley at dawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import meadow, paint, sky, solids, trees
from soundscapes.engine.scenes.noise import Rng, fbm, ridge_line
from soundscapes.engine.scenes.paint import (
    COLUMNS,
    ROWS,
    Layer,
    Light,
    colour,
    lay,
    shine,
    smoothstep,
)

_GRASS = [(0.0, "#2b3a1e"), (0.45, "#667a38"), (0.75, "#b0a552"), (1.0, "#f2d488")]
_WARM = ("#c8322b", "#f2b03c", "#c8322b", "#f7e7c6")
_COOL = ("#1f6f8b", "#f6ead2", "#1f6f8b", "#e8a33d")
_PLAIN = ("#7d3c78", "#e9c46a", "#d9653b", "#e9c46a")
_ENVELOPE = (
    (-210, 2),
    (-202, 56),
    (-160, 138),
    (-95, 188),
    (-20, 204),
    (50, 188),
    (115, 148),
    (175, 90),
    (208, 48),
    (214, 44),
)


def balloons(rng: Rng) -> Image.Image:
    """Five balloons drift with the wind over mist that lies between the hills."""
    picture = sky.clear_sky(
        720, [(0.0, "#4a7fb8"), (0.4, "#93b7d2"), (0.75, "#f6d9bd"), (1.0, "#ffc690")]
    )
    clouds = sky.cloud_plane(rng, 730, scale=0.8, stretch=1.7)
    sky.lit_clouds(
        picture,
        clouds,
        sun=(1400, 640),
        cover=(0.2, 1.8),
        dark="#a59db4",
        bright="#ffeacb",
        opacity=0.85,
    )
    sky.sun_glow(picture, 1420, 640, "#ffd294", 0.6, 60)
    _valley(picture, rng)
    for x, y, size, codes, haze in (
        (1130.0, 470.0, 0.24, _PLAIN, 0.45),
        (820.0, 330.0, 0.34, _COOL, 0.30),
        (1330.0, 250.0, 0.50, _WARM, 0.15),
        (250.0, 480.0, 0.42, _PLAIN, 0.2),
        (520.0, 290.0, 1.12, _WARM, 0.0),
        (1010.0, 150.0, 0.30, _PLAIN, 0.3),
    ):
        _balloon(picture, x, y, size, codes, haze)
    _foreground(picture, rng)
    paint.bloom(picture, 0.9, 30, 0.3)
    return paint.finish(picture, rng, exposure=1.02, vignette=0.25)


def _valley(picture: Light, rng: Rng) -> None:
    """Ridge behind ridge, each in warmer and clearer air than the last, with mist at its foot."""
    mist = fbm(rng, 160, octaves=4, stretch=4)
    for base, height, tone in (
        (690, 120, "#a9a6b8"),
        (740, 110, "#8b93a0"),
        (800, 90, "#6d7f78"),
        (860, 80, "#506a4d"),
    ):
        line = ridge_line(rng, base, height, roughness=0.5)
        texture = 1 + 0.16 * fbm(rng, 34, octaves=4)[:, :, None]
        lay(picture, paint.below(line), (colour(tone) * texture).astype(np.float32))
        low = smoothstep(base - 30, base + 70, ROWS + 18 * mist)
        lay(picture, (low * 0.8).astype(np.float32), "#f6dfc4")


def _balloon(
    picture: Light, x: float, y: float, size: float, codes: Sequence[str], haze: float
) -> None:
    """An envelope of sixteen gores around (x, y), and a basket on its ropes."""
    heights, radii = np.array(solids.spline(_ENVELOPE)).T * size
    heights += y
    top, left, right = int(heights[0]), int(x - 205 * size) - 2, int(x + 205 * size) + 3
    place = np.s_[max(top, 0) : int(heights[-1]) + 2, max(left, 0) : right]
    rows, across = ROWS[place[0]], COLUMNS[:, place[1]] - x
    radius = np.maximum(np.interp(rows[:, 0], heights, radii), 1e-3)[:, None].astype(np.float32)
    slope = np.gradient(radius[:, 0])[:, None]
    inside = ((rows > heights[0]) & (rows < heights[-1])).astype(np.float32)
    mask = np.clip(radius - np.abs(across) + 0.5, 0, 1) * inside
    sideways = np.clip(across / radius, -1, 1)
    gore = (np.arcsin(sideways) / np.pi + 0.5) * 9
    palette = np.stack([colour(code) for code in codes])
    cloth = palette[gore.astype(np.int32) % len(codes)]
    band = (np.abs(rows - y - 30 * size) < 20 * size).astype(np.float32)[:, :, None]
    cloth = cloth * (1 - band) + colour(codes[1]) * band
    fold = 0.90 + 0.14 * np.sin((gore % 1.0) * np.pi)
    front = np.sqrt(1 - sideways**2)
    lit = np.clip(0.55 * sideways + 0.25 * front - 0.30 * slope * (1 - haze), -0.3, 1) * 0.75 + 0.45
    light = cloth * (lit * fold)[:, :, None] * np.array([1.08, 1.0, 0.9], dtype=np.float32)
    light = light * (1 - haze) + colour("#f0d8c4") * haze
    part = picture[place]
    part += ((light - part) * mask[:, :, None]).astype(np.float32)
    _basket(picture, x, float(heights[-1]), size, haze)


def _basket(picture: Light, x: float, top: float, size: float, haze: float) -> None:
    layer = Layer()
    tone = trees.shade((88, 54, 30), (240, 216, 196), haze)
    for dx, end in ((-40, -20), (40, 20), (-14, -8), (14, 8)):
        layer.line(
            [(x + dx * size, top - 2), (x + end * size, top + 66 * size)],
            tone,
            max(0.8, 1.6 * size),
        )
    layer.polygon(
        [
            (x - 23 * size, top + 64 * size),
            (x + 23 * size, top + 64 * size),
            (x + 19 * size, top + 100 * size),
            (x - 19 * size, top + 100 * size),
        ],
        trees.shade((142, 92, 50), (240, 216, 196), haze),
    )
    layer.polygon(
        [
            (x + 4 * size, top + 64 * size),
            (x + 23 * size, top + 64 * size),
            (x + 19 * size, top + 100 * size),
            (x + 4 * size, top + 100 * size),
        ],
        trees.shade((196, 138, 80), (240, 216, 196), haze),
    )
    layer.line([(x - 24 * size, top + 65 * size), (x + 24 * size, top + 65 * size)], tone, 4 * size)
    for dx in (-9, 8):
        layer.ellipse(
            x + dx * size,
            top + 54 * size,
            5 * size,
            6 * size,
            trees.shade((64, 46, 44), (240, 216, 196), haze),
        )
    layer.onto(picture)
    if size > 0.4:
        shine(picture, paint.glow(x, top + 26 * size, 12 * size, 2.0), "#ffb347", 1.2)


def _foreground(picture: Light, rng: Rng) -> None:
    x = np.arange(1600, dtype=np.float32)
    line = 960 - 40 * np.sin(x / 380 + 0.9) - 26 * np.sin(x / 170)
    meadow.slope(picture, rng, line, _GRASS, horizon=760, sun=0.2)
    layer = Layer()
    for place in (60, 150, 1180, 1290, 1390, 1545):
        tall = rng.uniform(90, 190)
        trees.broad_tree(
            layer,
            rng,
            (place, float(line[place]) + 8),
            tall,
            (56, 42, 32),
            (34, 48, 26),
            (226, 186, 92),
            sun=(0.8, -0.4),
            leaves=int(tall * 8),
        )
    meadow.blades(layer, rng, (985, 1090), 900, 34, (54, 66, 28), (240, 206, 110))
    layer.onto(picture)
