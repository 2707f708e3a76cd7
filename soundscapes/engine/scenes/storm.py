"""A thunderstorm over hills."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import meadow, paint, sky, terrain, trees, weather
from soundscapes.engine.scenes.noise import Rng, fbm, ridge_line
from soundscapes.engine.scenes.paint import COLUMNS, ROWS, Light, colour, lay, smoothstep

_HORIZON = 690.0
_STRIKE = (1080.0, 415.0)


def storm_over_hills(rng: Rng) -> Image.Image:
    """Lightning strikes behind the hills; rain comes down beside a last strip of evening light."""
    picture = sky.clear_sky(
        _HORIZON,
        [
            (0.0, "#171b28"),
            (0.4, "#2c3446"),
            (0.66, "#5b6475"),
            (0.80, "#b98f7a"),
            (0.92, "#f3ad6c"),
            (1.0, "#f9c583"),
        ],
    )
    _clouds(picture, rng)
    strokes = weather.bolt(rng, (1000.0, 20.0), _STRIKE)
    weather.flash(picture, strokes)
    _rain_shafts(picture, rng)
    _far_hills(picture, rng)
    _hills(picture, rng)
    rain = weather.streaks(rng, 1400, 46, slant=0.22)
    paint.shine(picture, rain, "#9fb0cc", 0.07)
    return paint.finish(picture, rng, exposure=1.15, vignette=0.4)


def _clouds(picture: Light, rng: Rng) -> None:
    """A heavy ceiling, and under it a shelf of torn cloud that the lightning lights from inside."""
    ceiling = sky.cloud_plane(rng, _HORIZON - 30, scale=0.5, stretch=1.2, slope=1.9)
    sky.lit_clouds(
        picture,
        ceiling,
        sun=(1000, 1300),
        cover=(-2.0, 0.2),
        dark="#0d1018",
        bright="#4d566c",
        reach=20,
    )
    heaps = sky.bank_of_clouds(rng, 300, stretch=2.4, warp=55, octaves=8)
    base = 430 + 60 * np.sin(COLUMNS / 310 + 0.8)
    density = heaps * 0.8 + (base - ROWS) / 150
    sky.lit_clouds(
        picture,
        density,
        sun=(1060, 900),
        cover=(-0.35, 0.75),
        dark="#0e1119",
        bright="#7a849c",
        reach=26,
        edge=0.6,
    )
    lit = paint.glow(1020, 260, 250, 1.5) * (0.6 + 0.4 * smoothstep(-1.2, 1.2, heaps))
    paint.shine(picture, lit.astype(np.float32), "#aebbff", 0.5)


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
    y, _x = np.mgrid[0:side, 0:side].astype(np.float32)
    rolling = fbm(rng, 260, octaves=4, gain=0.42, size=(side, side))
    heights = rolling * 17 + smoothstep(300, 850, y) * 30 - smoothstep(320, 60, y) * 8
    heights = heights.astype(np.float32)
    view = terrain.look(
        heights, terrain.Eye(512, 10, 46, _HORIZON + 40, field=0.55, near=26, far=930)
    )
    light = view.of(terrain.daylight(heights, (0.75, 0.8, 0.55), steps=30))
    turf = view.of(fbm(rng, 8, octaves=3, size=(side, side)))
    hedges = view.of(_fields(rng, side))
    close = fbm(rng, 22, octaves=5, gain=0.7, stretch=2.5)
    green = paint.gradient(
        0.5 + 0.12 * turf + 0.2 * hedges + 0.13 * close,
        [(0.0, "#151b17"), (0.5, "#37432e"), (1.0, "#7d7748")],
    )
    lit = green * (0.20 + 1.05 * light[:, :, None] ** 1.3)
    glow = paint.glow(_STRIKE[0], 640, 380, 1.2)[:, :, None] * colour("#aebcff") * 0.10
    air = (1 - np.exp(-((view.distance / 900) ** 1.5)))[:, :, None]
    lay(
        picture,
        view.seen,
        ((lit + glow * green * 6) * (1 - air) + colour("#6d7482") * 0.8 * air).astype(np.float32),
    )
    layer = paint.Layer()
    for fx, fy, tall in ((300, 905, 330), (410, 880, 150), (1480, 850, 190), (1390, 835, 100)):
        trees.broad_tree(
            layer,
            rng,
            (fx, fy),
            tall,
            (14, 15, 14),
            (10, 15, 12),
            (58, 70, 44),
            sun=(0.8, -0.5),
            leaves=int(tall * 5),
        )
    meadow.blades(layer, rng, (930, 1095), 2600, 46, (12, 15, 13), (96, 100, 62))
    layer.onto(picture)


def _far_hills(picture: Light, rng: Rng) -> None:
    """Dark backs against the last light, one a bare cone that draws the lightning."""
    x = np.arange(1600)
    cone = 300 * np.exp(-(np.abs((x - _STRIKE[0]) / 330) ** 1.25)) + 120 * np.exp(
        -(((x - 260) / 300) ** 2)
    )
    for base, share, rough, tone in (
        (640, 0.62, 120, "#3d4358"),
        (690, 1.0, 90, "#262b39"),
        (735, 0.45, 90, "#1b2026"),
    ):
        line = ridge_line(rng, base, rough, roughness=0.5) - cone * share
        tint = 1 + 0.25 * fbm(rng, 60, octaves=5, stretch=0.8)[:, :, None]
        mist = (smoothstep(base - 200, base + 90, ROWS) * 0.35 * np.ones((1, 1600)))[:, :, None]
        lay(
            picture,
            paint.below(line),
            (colour(tone) * tint * (1 - mist) + colour("#59617a") * mist).astype(np.float32),
        )


def _fields(rng: Rng, side: int) -> paint.Mask:
    """A patchwork of meadows."""
    cells = rng.random((14, 14)).astype(np.float32)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    push = fbm(rng, 160, octaves=3, size=(side, side)) * 22
    rows = ((y + push + 0.35 * x) / 85).astype(int) % 14
    columns = ((x - push + 0.2 * y) / 110).astype(int) % 14
    tints: paint.Mask = cells[rows, columns] * 2 - 1
    return tints
