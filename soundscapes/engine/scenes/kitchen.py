"""A kitchen table by the window."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import paint, solids
from soundscapes.engine.scenes.noise import Rng, fbm, sample, spectral
from soundscapes.engine.scenes.paint import (
    COLUMNS,
    HEIGHT,
    ROWS,
    Light,
    colour,
    lay,
    shine,
    smoothstep,
)

_TABLE = 700.0


def kitchen(rng: Rng) -> Image.Image:
    """A teapot, a jug of water and cups in the light of the morning."""
    picture = _window(rng)
    _table(picture, rng)
    for x, y, wide in ((560, 905, 330), (1010, 880, 190), (1265, 930, 190), (250, 900, 130)):
        _shadow(picture, x, y, wide)
    _jug(picture, 1010.0)
    _teapot(picture, 560.0)
    _cup(picture, 1265.0, 770.0, 1.0)
    _steam(picture, rng)
    _sunlight(picture)
    paint.bloom(picture, 0.95, 30, 0.35)
    return paint.finish(picture, rng, exposure=1.02, vignette=0.3)


def _window(rng: Rng) -> Light:
    wall = paint.vertical(0, _TABLE, [(0.0, "#8d8878"), (1.0, "#b3aa93")])
    wall *= (0.55 + 0.6 * paint.glow(420, 300, 620, 1.0))[:, :, None]
    garden = paint.vertical(
        0, 560, [(0.0, "#dcebf5"), (0.45, "#e9f0d8"), (0.75, "#a9c07a"), (1.0, "#6d8f4e")]
    )
    blobs = fbm(rng, 120, octaves=4)
    lay(garden, smoothstep(0.1, 1.2, blobs) * smoothstep(40, 260, ROWS) * 0.8, "#6f9a55")
    pane = paint.polygon(
        [(110, -10), (470, -10), (470, 520), (110, 520)],
        [(510, -10), (870, -10), (870, 520), (510, 520)],
    )
    bars = paint.polygon([(110, 232), (870, 232), (870, 256), (110, 256)])
    frame = paint.polygon([(70, -10), (910, -10), (910, 560), (70, 560)])
    lay(wall, frame, "#ece6d8")
    lay(wall, pane * (1 - bars), paint.soften(garden, 14) * np.float32(1.5))
    lay(wall, paint.polygon([(40, 545), (940, 545), (960, 590), (20, 590)]), "#f6f0e2")
    lay(wall, paint.polygon([(20, 590), (960, 590), (955, 604), (25, 604)]), "#8b8472")
    for left in (-40, 850):
        folds = 0.75 + 0.25 * np.sin((COLUMNS - left) / 15 + np.sin(ROWS / 180) * 1.5)
        cloth = paint.polygon([(left, -10), (left + 170, -10), (left + 150, 640), (left + 10, 640)])
        lay(
            wall,
            cloth * 0.93,
            (colour("#e9dcc6") * folds[:, :, None] * np.ones((HEIGHT, 1, 1))).astype(np.float32),
        )
    _shelf(wall)
    return paint.soften(wall, 5)


def _shelf(wall: Light) -> None:
    layer = paint.Layer(1)
    for row in (250, 470):
        layer.rectangle(1120, row, 1600, row + 20, (112, 78, 48))
        layer.rectangle(1120, row + 20, 1600, row + 34, (66, 52, 40))
    layer.onto(wall)
    for x, row, radius, tall, code in (
        (1180, 250, 34, 120, "#b4532f"),
        (1275, 250, 40, 90, "#d9d2c0"),
        (1370, 250, 30, 140, "#5d7f8c"),
        (1480, 250, 46, 105, "#c9a24e"),
        (1200, 470, 50, 70, "#e6e0d2"),
        (1330, 470, 38, 110, "#6f8a58"),
        (1440, 470, 30, 96, "#a34a38"),
        (1530, 470, 40, 80, "#d8d0ba"),
    ):
        solids.turned(
            wall,
            x,
            [
                (row - tall, radius * 0.6),
                (row - tall * 0.9, radius * 0.7),
                (row - tall * 0.8, radius),
                (row - 6, radius),
                (row - 2, radius * 0.9),
            ],
            code,
            tilt=0.02,
            gloss=0.4,
            ambient=0.2,
        )


def _table(picture: Light, rng: Rng) -> None:
    away = HEIGHT / np.maximum(ROWS - 420, 10)
    across = (COLUMNS - 800) / 1600 * away
    grain = sample(spectral(rng, 1024, 1.2, stretch=0.12), across * 900, away * 500)
    planks = across * 2.6
    plank = np.floor(planks)
    tint = np.sin(plank * 12.9) * 0.08
    seam = np.exp(-(((planks - plank) / 0.012) ** 2)) * 0.5
    tone = 0.5 + 0.12 * grain + tint - seam
    wood = paint.gradient(tone, [(0.0, "#3a2113"), (0.5, "#8f5c36"), (1.0, "#d3a06a")])
    light = 0.35 + 0.9 * paint.glow(430, 780, 700, 1.0, squeeze=1.6)
    mirror = picture[
        np.clip(2 * _TABLE - ROWS, 0, HEIGHT - 1).astype(int),
        COLUMNS.astype(int) + 0 * ROWS.astype(int),
    ]
    sheen = (0.16 * smoothstep(1060, 700, ROWS))[:, :, None]
    lay(
        picture,
        smoothstep(_TABLE - 1, _TABLE + 1, ROWS + 0 * COLUMNS),
        (wood * light[:, :, None] + paint.soften(mirror, 12) * sheen).astype(np.float32),
    )


def _shadow(picture: Light, x: float, y: float, wide: float) -> None:
    """What stands in the light from the window throws a soft shadow to the right and the front."""
    far = np.hypot((COLUMNS - x - wide * 0.45) / (wide * 1.05), (ROWS - y - 12) / (wide * 0.24))
    near = np.hypot((COLUMNS - x) / (wide * 0.75), (ROWS - y) / (wide * 0.17))
    lay(picture, (0.55 * smoothstep(1.1, 0.2, far)).astype(np.float32), "#20110a")
    lay(picture, (0.55 * smoothstep(1.15, 0.5, near)).astype(np.float32), "#150a05")


def _teapot(picture: Light, x: float) -> None:
    glaze, dark = "#2f6f86", "#2a6479"
    solids.tube(
        picture,
        [(x + 190, 640), (x + 300, 600), (x + 345, 690), (x + 290, 780), (x + 190, 810)],
        [19, 20, 20, 19, 22],
        dark,
        gloss=0.9,
    )
    solids.tube(
        picture,
        [(x - 190, 790), (x - 270, 740), (x - 300, 660), (x - 340, 575), (x - 385, 560)],
        [54, 42, 30, 22, 17],
        dark,
        gloss=0.9,
    )
    body = solids.spline(
        [(560, 92), (580, 130), (640, 205), (740, 245), (830, 205), (872, 150), (890, 140)]
    )
    solids.turned(picture, x, body, glaze, tilt=0.16, gloss=1.0, ambient=0.2)
    lid = solids.spline([(520, 12), (532, 70), (556, 104), (566, 108)])
    solids.turned(picture, x, lid, glaze, tilt=0.16, gloss=1.0, ambient=0.2)
    solids.turned(
        picture,
        x,
        solids.spline([(470, 6), (478, 26), (496, 32), (514, 20), (524, 16)]),
        "#d9b65a",
        tilt=0.16,
        gloss=1.2,
    )
    _window_gleam(picture, x - 105, 665, 70, 95)


def _window_gleam(picture: Light, x: float, y: float, wide: float, tall: float) -> None:
    """The window, mirrored small in a glaze."""
    panes = [
        [
            (x - wide / 2 + a, y - tall / 2 + b),
            (x + c - wide / 2, y - tall / 2 + b - 8),
            (x + c - wide / 2, y - tall / 2 + d),
            (x - wide / 2 + a, y - tall / 2 + d + 6),
        ]
        for a, c, b, d in (
            (0, wide * 0.44, 8, tall * 0.45),
            (wide * 0.54, wide, 0, tall * 0.43),
            (0, wide * 0.44, tall * 0.55, tall),
            (wide * 0.54, wide, tall * 0.53, tall - 6),
        )
    ]
    shine(picture, paint.blur(paint.polygon(*panes), 2.5), "#f3f8ff", 0.5)


def _jug(picture: Light, x: float) -> None:
    solids.tube(
        picture,
        [(x + 80, 560), (x + 190, 555), (x + 200, 660), (x + 110, 745)],
        [15, 15, 14, 15],
        "#e9e4d8",
        gloss=0.8,
        ambient=0.35,
    )
    body = solids.spline(
        [(500, 98), (530, 80), (600, 84), (700, 132), (790, 138), (850, 112), (872, 104)]
    )
    solids.turned(picture, x, body, "#f0ebdf", tilt=0.16, gloss=0.8, ambient=0.33)
    rim = np.hypot((COLUMNS - x) / 98, (ROWS - 500) / 17)
    lay(picture, np.clip((1 - rim) * 17 + 0.5, 0, 1).astype(np.float32), "#faf6ea")
    inside = np.clip((0.92 - rim) * 17 + 0.5, 0, 1)
    lay(
        picture,
        inside.astype(np.float32),
        paint.vertical(480, 520, [(0.0, "#8f8a7c"), (1.0, "#cfc9b8")]),
    )
    lay(
        picture,
        paint.polygon([(x - 95, 494), (x - 140, 480), (x - 118, 512), (x - 84, 530)]),
        "#f4efe2",
    )
    for row, code in ((640, "#3f78a0"), (655, "#3f78a0"), (800, "#3f78a0")):
        radius = float(np.interp(row, *np.array(body).T))
        bow = row + 0.16 * radius * np.sqrt(np.clip(1 - ((COLUMNS - x) / radius) ** 2, 0, 1))
        band = np.clip(3.5 - np.abs(ROWS - bow), 0, 1) * (np.abs(COLUMNS - x) < radius - 1)
        lay(picture, (band * 0.75).astype(np.float32), code)
    _window_gleam(picture, x - 62, 720, 40, 60)


def _cup(picture: Light, x: float, top: float, size: float) -> None:
    base = top + 130 * size
    saucer = np.hypot((COLUMNS - x) / (185 * size), (ROWS - base - 8) / (46 * size))
    lay(picture, np.clip((1 - saucer) * 40, 0, 1).astype(np.float32), "#cfcabd")
    lay(
        picture,
        (np.clip((0.95 - saucer) * 40, 0, 1) * smoothstep(0.35, 0.9, saucer)).astype(np.float32),
        "#f3efe5",
    )
    solids.tube(
        picture,
        [(x + 95, top + 25), (x + 165, top + 20), (x + 155, top + 85), (x + 75, top + 100)],
        [11, 11, 11, 11],
        "#ece7da",
        gloss=0.8,
        ambient=0.33,
    )
    body = solids.spline(
        [
            (top, 112 * size),
            (top + 40, 108 * size),
            (top + 90, 82 * size),
            (base - 8, 52 * size),
            (base, 50 * size),
        ]
    )
    solids.turned(picture, x, body, "#f3eee2", tilt=0.2, gloss=0.8, ambient=0.33)
    rim = np.hypot((COLUMNS - x) / (112 * size), (ROWS - top) / (25 * size))
    lay(picture, np.clip((1 - rim) * 25 + 0.5, 0, 1).astype(np.float32), "#fffaf0")
    lay(picture, np.clip((0.94 - rim) * 25 + 0.5, 0, 1).astype(np.float32), "#bdb5a3")
    tea = np.hypot((COLUMNS - x) / (104 * size), (ROWS - top - 6) / (20 * size))
    lay(
        picture,
        np.clip((0.96 - tea) * 20, 0, 1).astype(np.float32),
        paint.vertical(top - 16, top + 28, [(0.0, "#b4662a"), (1.0, "#6a2f10")]),
    )


def _steam(picture: Light, rng: Rng) -> None:
    for x, y, tall in ((1265, 765, 330), (165, 545, 300)):
        up = np.clip((y - ROWS) / tall, 0, 1)
        curl = fbm(rng, 110, octaves=4, stretch=0.5)
        off = np.abs(COLUMNS - x - curl * 34 * up - 22 * np.sin(up * 6)) / (16 + 46 * up)
        wisp = np.exp(-(off**2)) * smoothstep(0, 0.08, up) * (1 - up) ** 1.5
        shine(picture, (wisp * 0.30).astype(np.float32), "#fff8ee")


def _sunlight(picture: Light) -> None:
    """Bars of sun through the panes lie on the table."""
    bars = paint.polygon(
        [(60, 1067), (330, 1067), (420, 830), (240, 830)],
        [(390, 1067), (660, 1067), (640, 960), (420, 960)],
    )
    gain = paint.blur(bars, 14) * smoothstep(_TABLE, _TABLE + 40, ROWS)
    picture *= (1 + 0.55 * gain)[:, :, None] * np.array([1.0, 0.97, 0.9], dtype=np.float32) ** gain[
        :, :, None
    ]
