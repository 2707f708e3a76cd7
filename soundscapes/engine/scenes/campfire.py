"""A campfire in the woods."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import paint, sky, trees, weather
from soundscapes.engine.scenes.noise import Rng, fbm
from soundscapes.engine.scenes.paint import (
    COLUMNS,
    ROWS,
    Layer,
    Light,
    Mask,
    lay,
    shine,
    smoothstep,
)

_FIRE = (800.0, 850.0)


def campfire(rng: Rng) -> Image.Image:
    """Flames in a ring of stones, firs around it, sparks among the stars."""
    picture = sky.clear_sky(640, [(0.0, "#060a18"), (0.6, "#0f1d38"), (1.0, "#24384f")])
    sky.stars(rng, picture, 1500, 640)
    _woods(picture, rng)
    _ground(picture, rng)
    _litter(picture, rng)
    _stones(picture, rng, back=True)
    _logs(picture, rng)
    _flames(picture, rng)
    _stones(picture, rng, back=False)
    weather.embers(rng, picture, (_FIRE[0], _FIRE[1] - 150), 700, 170)
    shine(picture, paint.glow(_FIRE[0], _FIRE[1] - 190, 230, 1.6), "#ff8a30", 0.35)
    paint.bloom(picture, 0.8, 26, 0.4)
    return paint.finish(picture, rng, exposure=1.1, vignette=0.4, grain=0.014)


def _woods(picture: Light, rng: Rng) -> None:
    for row, tall, count, dark, light, soft in (
        (660, 330, 40, (12, 20, 32), (26, 36, 46), 2.5),
        (700, 520, 22, (10, 14, 18), (58, 44, 30), 1.5),
        (760, 820, 9, (6, 8, 9), (96, 62, 32), 0.8),
    ):
        layer = Layer(1)
        layer.rectangle(0, row - 8, 1600, 1067, dark)
        for x in rng.uniform(-60, 1660, count):
            gap = abs(x - 800)
            if gap < (tall - 250) * 0.8:
                continue
            size = tall * rng.uniform(0.75, 1.15)
            trees.conifer(
                layer, rng, (x, row + 10), size, dark, light, side=1.0 if x < 800 else -1.0
            )
        layer.onto(picture, blurred=soft)


def _ground(picture: Light, rng: Rng) -> None:
    grit = fbm(rng, 60, octaves=7, stretch=3.0)
    leaf = fbm(rng, 14, octaves=3, stretch=2.0)
    tone = 0.5 + 0.2 * grit + 0.14 * leaf
    earth = paint.gradient(tone, [(0.0, "#1c140e"), (0.5, "#5f4630"), (1.0, "#a68558")])
    far = np.hypot((COLUMNS - _FIRE[0]) / 1.9, ROWS - _FIRE[1])
    light = (2.2 / (1 + (far / 120) ** 2.1))[:, :, None] * paint.colour("#ffa24d") + paint.colour(
        "#1b2c48"
    ) * 0.25
    shape = smoothstep(742, 770, ROWS + 6 * grit)
    lay(picture, shape, (earth * light).astype(np.float32))


def _litter(picture: Light, rng: Rng) -> None:
    """Needles, twigs and pebbles, each lit by its distance to the fire."""
    layer = Layer()
    for share in np.sort(rng.random(3600)):
        x, y = rng.uniform(-10, 1610), 765 + 310 * share
        near = 0.35 + 0.65 * share
        far = np.hypot((x - _FIRE[0]) / 1.9, y - _FIRE[1])
        power = float(1.0 / (1 + (far / 150) ** 2)) * rng.uniform(0.5, 1.2)
        tone = trees.shade((24, 17, 15), (238, 150, 74), power)
        turn, long = rng.uniform(-0.7, 0.7), near * rng.uniform(4, 22)
        if rng.random() < 0.9:
            end = (x + long * np.cos(turn), y + long * np.sin(turn) * 0.5)
            layer.line([(x, y), end], tone, near * 1.4)
        else:
            layer.ellipse(x, y, near * 5, near * 3, trees.shade((20, 15, 15), tone, 0.8))
    layer.onto(picture, strength=0.9)


def _stones(picture: Light, rng: Rng, *, back: bool) -> None:
    """Half of the ring of stones; what faces the fire is lit."""
    angles = np.linspace(np.pi, 2 * np.pi, 9) if back else np.linspace(0.05, np.pi - 0.05, 9)
    layer = paint.Layer()
    for angle in angles:
        x = _FIRE[0] + 270 * np.cos(angle) + rng.normal(0, 5)
        y = _FIRE[1] + 22 + 84 * np.sin(angle) * (1 if not back else 0.8)
        size = rng.uniform(38, 50) * (1.1 if not back else 0.8)
        spin = rng.uniform(0, 6)
        outline = [
            (
                x + size * np.cos(a) * (1 + 0.12 * np.sin(3 * a + spin)),
                y + size * 0.66 * np.sin(a) * (1 + 0.1 * np.cos(2 * a + spin)),
            )
            for a in np.linspace(0, 2 * np.pi, 26)
        ]
        layer.polygon(outline, (30, 25, 24) if not back else (84, 54, 36))
        for inner in np.linspace(0.9, 0.2, 8):
            lit = (1 - inner) * (0.55 if not back else 1.0)
            mid = (x + (_FIRE[0] - x) * 0.07, y - size * (0.16 if not back else -0.05))
            tone = trees.shade((30, 24, 23), (246, 160, 84), lit**0.8)
            layer.polygon(
                [
                    (mid[0] + (px - mid[0]) * inner, mid[1] + (py - mid[1]) * inner)
                    for px, py in outline
                ],
                tone,
            )
    light, mask = layer.light(1.2)
    speck = 1 + 0.25 * fbm(rng, 16, octaves=4)[:, :, None]
    lay(picture, mask, (light * speck).astype(np.float32))


def _logs(picture: Light, rng: Rng) -> None:
    x, y = _FIRE
    layer = paint.Layer()
    for ax, ay, bx, by, wide in (
        (-190, 40, 90, -70, 40),
        (200, 44, -80, -76, 42),
        (-120, 70, 150, 30, 44),
        (30, 66, -20, -120, 36),
    ):
        a, b = np.array((x + ax, y + ay)), np.array((x + bx, y + by))
        along = (b - a) / np.hypot(*(b - a))
        over = np.array((along[1], -along[0]))
        for strip in np.linspace(-0.5, 0.5, 14):
            lit = 0.15 + 0.85 * (0.5 - abs(strip - 0.15)) ** 1.0
            tone = trees.shade((22, 13, 9), (186, 96, 40), lit * rng.uniform(0.5, 1.1))
            p, q = a + over * strip * wide, b + over * strip * wide
            layer.line([tuple(p), tuple(q)], tone, wide / 11)
        layer.ellipse(a[0], a[1], wide * 0.42, wide * 0.52, (150, 92, 48))
        layer.ellipse(a[0], a[1], wide * 0.30, wide * 0.38, (206, 140, 78))
        layer.ellipse(a[0], a[1], wide * 0.14, wide * 0.18, (160, 100, 54))
    layer.onto(picture)
    coals = paint.glow(x, y + 30, 95, 3, squeeze=2.6) * np.clip(
        0.7 + 0.5 * fbm(rng, 18, octaves=3), 0, 2
    )
    shine(picture, coals, "#ff5a14", 1.6)


def _flames(picture: Light, rng: Rng) -> None:
    """Tongues of fire: shapes that noise pulls about, the more the higher, added up as light."""
    bend = fbm(rng, 150, octaves=4, stretch=0.55)
    flick = fbm(rng, 44, octaves=4, stretch=0.4)
    heat = np.zeros_like(bend)
    for dx, wide, tall, power in (
        (0, 150, 520, 1.0),
        (-95, 90, 330, 0.8),
        (98, 95, 360, 0.8),
        (-30, 80, 430, 0.7),
        (50, 70, 450, 0.7),
        (-150, 50, 190, 0.6),
        (155, 50, 200, 0.6),
    ):
        heat += _tongue(_FIRE[0] + dx, _FIRE[1] + 40, wide, tall, bend, flick) * power
    heat = np.clip(heat, 0, 2.2)
    light = paint.gradient(
        heat,
        [(0.0, "#000000"), (0.35, "#a51c02"), (0.8, "#ff6a0a"), (1.4, "#ffb52e"), (2.2, "#fff0b8")],
    )
    picture *= (1 - 0.75 * np.clip(heat, 0, 1))[:, :, None]
    picture += light * (0.35 + 0.75 * np.clip(heat, 0, 2))[:, :, None]


def _tongue(x: float, y: float, wide: float, tall: float, bend: Mask, flick: Mask) -> Mask:
    up = np.clip((y - ROWS) / tall, 0.0, 1.3)
    width = wide * np.sqrt(np.clip(up * 6, 0, 1)) * np.clip(1.0 - up, 0.0, 1.0) ** 0.8
    off = np.abs(COLUMNS - x + bend * 55 * up + flick * 20 * up)
    body = np.clip((width - off) / (0.55 * wide), 0.0, 1.0)
    tongue: Mask = (body * (1.15 - 0.5 * up) * (y > ROWS)).astype(np.float32)
    return tongue
