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
    sky.lit_clouds(
        picture,
        high,
        sun=(1500, 250),
        cover=(0.35, 2.2),
        dark="#b9c6d8",
        bright="#fff3e4",
        opacity=0.75,
    )
    heights = _range(rng)
    view = terrain.look(heights, terrain.Eye(512, 10, 48, horizon, field=0.44, near=40, far=960))
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
    light = view.of(terrain.daylight(heights, (0.80, -0.62, 0.46), steps=48))
    steep = view.of(terrain.steepness(heights))
    altitude = view.of(heights)
    grit = view.of(fbm(rng, 10, octaves=3, size=(_SIDE, _SIDE)))
    fine = fbm(rng, 46, octaves=6, gain=0.62)
    cover = (altitude - 62) / 80 - (steep - 0.85) * 0.75 + grit * 0.10 + fine * 0.12
    snow = smoothstep(-0.12, 0.12, cover)
    rock = paint.gradient(
        0.5 + 0.16 * grit + 0.28 * fine, [(0.0, "#242329"), (0.5, "#5d5852"), (1.0, "#9a9086")]
    )
    ground = rock * (1 - snow[:, :, None]) + colour("#f4f6fb") * snow[:, :, None]
    forest = smoothstep(50, 34, altitude + grit * 6)[:, :, None]
    ground = ground * (1 - forest) + colour("#22342c") * forest
    sun, shade = colour("#ffe0bd") * 1.25, colour("#7d9cd0") * 0.62
    lit = ground * (shade + sun * light[:, :, None]) * (1 + 0.05 * fine[:, :, None])
    air = 1.0 - np.exp(-((view.distance / 1250) ** 1.4))[:, :, None]
    lay(picture, view.seen, (lit * (1 - air) + colour("#b7cbe4") * 0.95 * air).astype(np.float32))


def _mist(picture: paint.Light, view: terrain.View, rng: Rng) -> None:
    """A bank of fog over the valley's floor."""
    wisps = sky.bank_of_clouds(rng, 240, stretch=4.0)
    band = np.exp(-(((ROWS - 745 - 12 * np.sin(COLUMNS / 260)) / 62) ** 2))
    mask = smoothstep(-0.9, 1.6, wisps) * band * smoothstep(150, 420, view.distance)
    lay(picture, (mask * 0.85).astype(np.float32), "#dfe6f0")


def _firs(picture: paint.Light, rng: Rng) -> None:
    """Three snowy slopes in the blue shade of the valley, their firs the nearer the taller."""
    for depth, (row, tall, count, dark, light, snow) in enumerate(
        (
            (842, 62, 230, (52, 70, 84), (104, 124, 138), "#9fb6d6"),
            (920, 120, 110, (30, 46, 52), (78, 102, 104), "#b4c6e2"),
            (1030, 270, 34, (10, 20, 22), (54, 78, 66), "#cfdcf0"),
        )
    ):
        line = row + 42 * np.sin(np.linspace(0.4, 5.2, paint.WIDTH) + depth * 1.3)
        drifts = fbm(rng, 90, octaves=5, stretch=3.5)
        crest = np.clip(1 - (ROWS - line[None, :]) / 90, 0, 1)
        tone = (0.80 + 0.10 * drifts + 0.28 * crest)[:, :, None]
        lay(picture, paint.below(line), (colour(snow) * tone).astype(np.float32))
        layer, shadows = paint.Layer(), paint.Layer(1)
        for x in np.sort(rng.uniform(-20, 1620, count)):
            bank = abs(x - 720) / 800
            if depth and rng.random() > bank * (1.7 if depth == 1 else 1.3):
                continue
            foot = float(np.interp(x, range(1600), line)) + rng.uniform(2, 26 + 22 * depth)
            size = tall * rng.uniform(0.6, 1.15) * (0.75 + 0.4 * bank)
            shadows.ellipse(x - size * 0.12, foot, size * 0.3, size * 0.03, (88, 108, 146))
            trees.conifer(layer, rng, (float(x), foot), size, dark, light, side=1.0)
        shadows.onto(picture, blurred=2.0, strength=0.8)
        layer.onto(picture, blurred=0.5 if depth == 0 else 0.0)
