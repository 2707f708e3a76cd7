"""Snow mountains in the first light."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import paint, sky, terrain, trees
from soundscapes.engine.scenes.noise import Rng, fbm, ridged
from soundscapes.engine.scenes.paint import COLUMNS, ROWS, Mask, colour, lay, smoothstep

_SIDE = 1024


def snow_mountains(rng: Rng) -> Image.Image:
    """A summit above a shaded valley of firs."""
    horizon = 700.0
    picture = sky.clear_sky(
        horizon, [(0.0, "#2f5f9e"), (0.45, "#6f9fcb"), (0.8, "#c9d8e2"), (1.0, "#f1dccb")]
    )
    high = sky.cloud_plane(rng, horizon, scale=0.7, stretch=2.2)
    sky.lit_clouds(picture, high, sun=(1500, 250), cover=(0.35, 2.2), dark="#b9c6d8", bright="#fff3e4", opacity=0.75)
    heights = _range(rng)
    view = terrain.look(heights, terrain.Eye(512, 10, 48, horizon, field=0.52, near=40, far=960))
    _paint_range(picture, view, heights, rng)
    _mist(picture, view, rng)
    _firs(picture, rng)
    return paint.finish(picture, rng, exposure=1.05, vignette=0.2)


def _range(rng: Rng) -> Mask:
    size = (_SIDE, _SIDE)
    x, y = np.meshgrid(np.arange(_SIDE, dtype=np.float32), np.arange(_SIDE, dtype=np.float32))
    crests = ridged(rng, 230, octaves=8, gain=0.5, size=size)
    rough = fbm(rng, 60, octaves=5, size=size)
    fine = ridged(rng, 90, octaves=6, gain=0.55, size=size)
    heights = crests * 80 * smoothstep(150, 620, y)
    for px, py, top, wide in (
        (575, 640, 118, 230),
        (330, 780, 105, 190),
        (800, 790, 104, 200),
        (120, 700, 80, 170),
        (1000, 640, 80, 170),
    ):
        far = np.hypot(x - px, (y - py) * 0.9) / wide
        peak = np.clip(1 - far, 0, 1) ** 1.15
        heights += peak * top * (0.6 + 0.4 * crests + 0.35 * fine)
    return (heights + rough * 1.3 * smoothstep(100, 500, y)).astype(np.float32)


def _paint_range(picture: paint.Light, view: terrain.View, heights: Mask, rng: Rng) -> None:
    light = view.of(terrain.daylight(heights, (0.85, -0.42, 0.42), steps=60))
    steep = view.of(terrain.steepness(heights))
    altitude = view.of(heights)
    grit = view.of(fbm(rng, 10, octaves=3, size=(_SIDE, _SIDE)))
    snow = smoothstep(-0.22, 0.22, (altitude - 62) / 80 - (steep - 0.85) * 0.75 + grit * 0.13)
    rock = paint.gradient(0.5 + 0.25 * grit, [(0.0, "#39373c"), (1.0, "#77706b")])
    ground = rock * (1 - snow[:, :, None]) + colour("#f4f6fb") * snow[:, :, None]
    forest = smoothstep(50, 34, altitude + grit * 6)[:, :, None]
    ground = ground * (1 - forest) + colour("#22342c") * forest
    sun, shade = colour("#ffe0bd") * 1.25, colour("#7d9cd0") * 0.62
    lit = ground * (shade + sun * light[:, :, None])
    air = 1.0 - np.exp(-((view.distance / 1250) ** 1.4))[:, :, None]
    lay(picture, view.seen, (lit * (1 - air) + colour("#b7cbe4") * 0.95 * air).astype(np.float32))


def _mist(picture: paint.Light, view: terrain.View, rng: Rng) -> None:
    """A bank of fog over the valley's floor."""
    wisps = sky.bank_of_clouds(rng, 240, stretch=4.0)
    band = np.exp(-(((ROWS - 745 - 12 * np.sin(COLUMNS / 260)) / 62) ** 2))
    mask = smoothstep(-0.9, 1.6, wisps) * band * smoothstep(150, 420, view.distance)
    lay(picture, (mask * 0.85).astype(np.float32), "#dfe6f0")


def _firs(picture: paint.Light, rng: Rng) -> None:
    for depth, (row, tall, count, dark, light) in enumerate(
        (
            (860, 90, 90, (38, 56, 62), (76, 96, 98)),
            (960, 150, 60, (20, 36, 38), (58, 80, 74)),
            (1090, 260, 34, (8, 18, 20), (40, 62, 54)),
        )
    ):
        layer = paint.Layer()
        line = row + 45 * np.sin(np.linspace(0.4, 5.2, paint.WIDTH) + depth * 1.3)
        layer.polygon([(0, 1080), *enumerate(line.tolist()), (1600, 1080)], fill=dark)
        for x in np.sort(rng.uniform(-20, 1620, count)):
            bank = abs(x - 700) / 800
            if depth == 2 and bank < 0.38:
                continue
            foot = (float(x), float(np.interp(x, range(1600), line)) + 8)
            size = tall * rng.uniform(0.6, 1.1) * (0.72 + 0.5 * bank)
            trees.conifer(layer, rng, foot, size, dark, light, side=1.0)
        layer.onto(picture, blurred=0.6 if depth == 0 else 0.0)
