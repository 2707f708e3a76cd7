"""A thunderstorm over hills."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import paint, sky, terrain, trees, weather
from soundscapes.engine.scenes.noise import Rng, fbm
from soundscapes.engine.scenes.paint import COLUMNS, ROWS, Light, colour, lay, smoothstep

_HORIZON = 690.0
_STRIKE = (1130.0, 655.0)


def storm_over_hills(rng: Rng) -> Image.Image:
    """Lightning strikes behind the hills; rain comes down beside a last strip of evening light."""
    picture = sky.clear_sky(
        _HORIZON,
        [(0.0, "#171b28"), (0.4, "#2c3446"), (0.75, "#5b6475"), (0.92, "#a08f86"), (1.0, "#d9a978")],
    )
    _clouds(picture, rng)
    strokes = weather.bolt(rng, (1010.0, 215.0), _STRIKE)
    weather.flash(picture, strokes)
    _rain_shafts(picture, rng)
    _hills(picture, rng)
    rain = weather.streaks(rng, 1400, 46, slant=0.22)
    paint.shine(picture, rain, "#9fb0cc", 0.07)
    return paint.finish(picture, rng, exposure=1.15, vignette=0.4)


def _clouds(picture: Light, rng: Rng) -> None:
    ceiling = sky.cloud_plane(rng, _HORIZON, scale=0.8, stretch=1.3, slope=1.7)
    sky.lit_clouds(
        picture, ceiling, sun=(1000, 1000), cover=(-1.2, 0.6), dark="#10131d", bright="#59647c", reach=18
    )
    heaps = sky.bank_of_clouds(rng, 260, stretch=1.9, warp=110)
    band = smoothstep(20, 160, ROWS) * smoothstep(_HORIZON - 60, _HORIZON - 330, ROWS)
    density = heaps + band * 1.6 - 1.2
    sky.lit_clouds(
        picture, density, sun=(1020, 480), cover=(-0.5, 1.1), dark="#12151f", bright="#7f89a6", reach=22
    )
    lit = paint.glow(1020, 240, 230, 1.6)
    shown = smoothstep(-0.3, 1.6, density + 0.4) * lit
    paint.shine(picture, shown.astype(np.float32), "#b9c6ff", 0.75)


def _rain_shafts(picture: Light, rng: Rng) -> None:
    """Curtains of rain under the clouds, far off."""
    curtain = fbm(rng, 150, octaves=5, stretch=0.18)
    slanted = np.take_along_axis(
        curtain, ((COLUMNS + (ROWS - 300) * 0.25) % 1600).astype(np.int64), axis=1
    )
    where = np.exp(-(((COLUMNS - 380 + (ROWS - 500) * 0.3) / 270) ** 2))
    height = smoothstep(300, 420, ROWS) * smoothstep(_HORIZON + 20, _HORIZON - 80, ROWS)
    mask = np.clip(where * height * (0.75 + 0.25 * slanted), 0, 1) * 0.8
    lay(picture, mask.astype(np.float32), "#3c4455")


def _hills(picture: Light, rng: Rng) -> None:
    side = 1024
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    rolling = fbm(rng, 260, octaves=4, gain=0.42, size=(side, side))
    heights = rolling * 15 + smoothstep(250, 800, y) * 26 - smoothstep(320, 60, y) * 8
    heights = heights.astype(np.float32)
    view = terrain.look(heights, terrain.Eye(512, 10, 46, _HORIZON - 40, field=0.55, near=26, far=930))
    light = view.of(terrain.daylight(heights, (0.75, 0.8, 0.55), steps=30))
    turf = view.of(fbm(rng, 8, octaves=3, size=(side, side)))
    hedges = view.of(_fields(rng, side))
    green = paint.gradient(0.5 + 0.18 * turf + 0.3 * hedges, [(0.0, "#1d2a1a"), (0.5, "#4b5f33"), (1.0, "#9a9450")])
    lit = green * (0.20 + 1.05 * light[:, :, None] ** 1.3)
    glow = paint.glow(_STRIKE[0], 640, 380, 1.2)[:, :, None] * colour("#aebcff") * 0.10
    air = (1 - np.exp(-((view.distance / 900) ** 1.5)))[:, :, None]
    lay(picture, view.seen, ((lit + glow * green * 6) * (1 - air) + colour("#6d7482") * 0.8 * air).astype(np.float32))
    layer = paint.Layer()
    for fx, fy, tall in ((300, 905, 330), (410, 880, 150), (1480, 850, 190), (1390, 835, 100)):
        trees.broad_tree(layer, rng, (fx, fy), tall, (14, 15, 14), (10, 15, 12), (58, 70, 44), sun=(0.8, -0.5), leaves=int(tall * 5))
    layer.onto(picture)


def _fields(rng: Rng, side: int) -> paint.Mask:
    """A patchwork of meadows."""
    cells = rng.random((14, 14)).astype(np.float32)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    push = fbm(rng, 160, octaves=3, size=(side, side)) * 22
    rows = ((y + push + 0.35 * x) / 85).astype(int) % 14
    columns = ((x - push + 0.2 * y) / 110).astype(int) % 14
    return cells[rows, columns] * 2 - 1
