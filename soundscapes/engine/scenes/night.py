"""A mown field at night."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import paint, sky, trees
from soundscapes.engine.scenes.noise import Rng, fbm, ridge_line, sample, spectral
from soundscapes.engine.scenes.paint import COLUMNS, HEIGHT, ROWS, Light, colour, lay, smoothstep

_HORIZON = 600.0
_BALES = (
    (980, 640, 26),
    (1130, 652, 32),
    (620, 642, 28),
    (780, 690, 52),
    (1330, 735, 84),
    (330, 800, 135),
)


def night_field(rng: Rng) -> Image.Image:
    """Bales of hay under the stars, the last light in the west."""
    picture = sky.clear_sky(
        _HORIZON,
        [(0.0, "#0a1330"), (0.4, "#1a2f5e"), (0.7, "#3d5a8a"), (0.9, "#a88f90"), (1.0, "#e8b27c")],
    )
    _milky_way(picture, rng)
    sky.stars(rng, picture, 2600, _HORIZON)
    sky.sun_glow(picture, 1260, 190, "#dfe6ff", 0.35, 40)
    moon = np.clip(sky.disc(1260, 190, 30) - sky.disc(1246, 182, 30), 0, 1)
    paint.shine(picture, moon, "#fff4dc", 1.6)
    _far_woods(picture, rng)
    _stubble(picture, rng)
    for x, y, size in _BALES:
        _bale(picture, rng, x, y, size)
        _stalks(picture, rng, x, y, size)
    _straw(picture, rng)
    paint.bloom(picture, 0.9, 14, 0.3)
    return paint.finish(picture, rng, exposure=1.15, vignette=0.3, grain=0.016)


def _milky_way(picture: Light, rng: Rng) -> None:
    across = (COLUMNS - 520) * 0.80 + (ROWS - 250) * 0.60
    dust = fbm(rng, 180, octaves=6)
    band = np.exp(-((across / 190) ** 2)) * smoothstep(_HORIZON, 100, ROWS)
    lane = np.exp(-(((across + 20 + 30 * dust) / 45) ** 2))
    glow = np.clip(band * (0.75 + 0.4 * dust) - 0.55 * lane * band, 0, None)
    paint.shine(picture, glow.astype(np.float32), "#a9b4e8", 0.10)
    stars = np.zeros_like(picture)
    sky.stars(rng, stars, 6000, HEIGHT)
    picture += stars * glow[:, :, None] * 0.5


def _far_woods(picture: Light, rng: Rng) -> None:
    for base, height, tone in ((578, 50, "#5a5f7c"), (592, 36, "#333c52")):
        lay(picture, paint.below(ridge_line(rng, base, height, roughness=0.6)), tone)
    layer = paint.Layer()
    layer.rectangle(0, 597, 1600, 640, (26, 31, 38))
    for x in np.sort(rng.uniform(-20, 1620, 110)):
        tall = 26 + 50 * rng.random() * (0.3 + abs(x - 900) / 900)
        trees.broad_tree(
            layer,
            rng,
            (x, 606),
            tall,
            (16, 20, 26),
            (14, 19, 26),
            (38, 44, 50),
            leaves=150,
            levels=4,
        )
    layer.onto(picture)


def _stubble(picture: Light, rng: Rng) -> None:
    """Rows of stubble run to a vanishing point, as the mower went."""
    away = HEIGHT / np.maximum(ROWS - _HORIZON, 1.0)
    across = (COLUMNS - 1000) / 1600 * away
    straw = spectral(rng, 1024, 0.75)
    close = sample(straw, across * 2600, away * 900) / (1 + (away / 5) ** 2)
    wide = sample(spectral(rng, 512, 1.5), across * 60, away * 60)
    swath = np.sin(across * 34 + wide * 0.5) / (1 + (away / 22) ** 2)
    tone = 0.46 + 0.10 * close + 0.07 * wide + 0.10 * swath
    field = paint.gradient(tone, [(0.0, "#2b2a26"), (0.5, "#8a774c"), (1.0, "#e6cf8d")])
    sky_light = np.clip(0.30 + 0.25 * smoothstep(1067, 620, ROWS) + 0 * COLUMNS, 0, 1)[:, :, None]
    shown = field * (colour("#8fa6dc") * 0.55 + colour("#ffca8f") * 0.5 * sky_light)
    lay(
        picture,
        smoothstep(_HORIZON + 1, _HORIZON + 8, ROWS + 0 * COLUMNS),
        shown.astype(np.float32),
    )


def _straw(picture: Light, rng: Rng) -> None:
    """Single stalks: short and cut over the whole field, longer close to the eye."""
    layer = paint.Layer()
    for share in np.sort(rng.random(5200) ** 0.7):
        x, y = rng.uniform(-10, 1610), _HORIZON + 12 + 470 * share
        long = (2 + 26 * share) * rng.uniform(0.5, 1.3)
        turn = rng.uniform(-2.6, -0.5) if rng.random() < 0.55 else rng.uniform(-0.4, 0.4)
        tone = trees.shade((46, 44, 48), (204, 178, 128), float(rng.random() ** 1.5))
        layer.line(
            [(x, y), (x + long * np.cos(turn), y + long * np.sin(turn))], tone, 0.6 + 1.3 * share
        )
    shown = layer.light()
    keep = np.ones_like(shown[1])
    for x, y, size in _BALES:
        keep *= 1 - _outline(x, y, size)
    lay(picture, shown[1] * keep * 0.75, shown[0])


def _outline(x: float, y: float, size: float) -> paint.Mask:
    """Where a bale hides what is behind it; straw may lean over its foot."""
    inside = (
        (np.abs(ROWS - y) < size * 0.96) & (x - size * 0.72 < COLUMNS) & (x + size * 2.2 > COLUMNS)
    )
    hidden: paint.Mask = inside.astype(np.float32)
    return hidden


def _stalks(picture: Light, rng: Rng, x: float, y: float, size: float) -> None:
    """The straw of a bale: along its rolled side, and around its end."""
    layer = paint.Layer()
    for _stalk in range(int(size * 14)):
        up = rng.uniform(-0.97, 0.97)
        bulge = 0.72 * size * np.sqrt(1 - up**2)
        px = rng.uniform(x + bulge * 0.9, x + size * 1.5 + bulge * 0.9)
        lit = 0.30 - 0.35 * up + 0.35 * (px - x) / (size * 2) + rng.normal(0, 0.16)
        long = size * rng.uniform(0.05, 0.22)
        lean = rng.normal(0, 0.18) * long
        layer.line(
            [(px, y + up * size), (px + long * 0.35 + lean, y + up * size + long * 0.45)],
            trees.shade((72, 56, 40), (255, 216, 140), float(lit)),
            max(0.7, size / 80),
        )
    for _stalk in range(int(size * 9)):
        far, turn = np.sqrt(rng.random()) * 0.97, rng.uniform(0, 2 * np.pi)
        px, py = x + far * 0.72 * size * np.cos(turn), y + far * size * np.sin(turn)
        step = rng.uniform(0.04, 0.14) / max(far, 0.2)
        end = (x + far * 0.72 * size * np.cos(turn + step), y + far * size * np.sin(turn + step))
        lit = 0.42 - 0.2 * np.sin(turn) + rng.normal(0, 0.2)
        layer.line(
            [(px, py), end],
            trees.shade((54, 46, 44), (196, 172, 138), float(lit)),
            max(0.7, size / 90),
        )
    layer.onto(picture, strength=0.8)


def _bale(picture: Light, rng: Rng, x: float, y: float, size: float) -> None:
    """A round bale: a short cylinder that shows its rolled-up end."""
    across = (COLUMNS - x + size * 0.9) / (size * 2.1)
    shadow = np.exp(-(across**2 + ((ROWS - y - size * 0.95) / (size * 0.22)) ** 2) * 1.2)
    lay(picture, (shadow * 0.8).astype(np.float32), "#0d1016")
    left, right = int(max(x - size * 1.6, 0)), int(min(x + size * 3.2, 1600))
    top, bottom = int(max(y - size * 1.6, 0)), int(min(y + size * 1.6, HEIGHT))
    px, py = COLUMNS[:, left:right], ROWS[top:bottom]
    part = picture[top:bottom, left:right]
    long, flat = size * 1.5, size * 0.72
    u, v = (px - x) / flat, (py - y) / size
    straw = fbm(rng, max(size * 0.3, 4), octaves=5, stretch=3.5, size=(right - left, bottom - top))
    end = np.clip((1 - np.hypot((px - x - long) / flat, v)) * size * 0.6, 0, 1) * (px >= x + long)
    side = np.clip((1 - np.abs(v)) * size, 0, 1) * ((px > x) & (px < x + long)) + end
    turn = np.sqrt(np.clip(1 - v * v, 0, 1))
    lit = 0.22 + 0.45 * np.clip(-v, 0, 1) + 0.55 * np.clip((px - x) / long, 0, 1.4) * turn
    _put(part, np.clip(side, 0, 1), lit * (0.85 + 0.18 * straw), "#c79a58")
    radius = np.hypot(u, v)
    spiral = np.sin(radius * 26 + np.arctan2(v, u) + straw * 1.2)
    tone = (0.34 + 0.12 * np.clip(-v, -1, 1)) * (0.85 + 0.16 * spiral + 0.12 * straw)
    _put(part, np.clip((1 - radius) * flat, 0, 1), tone, "#b39a78")


def _put(part: Light, mask: paint.Mask, tone: paint.Mask, code: str) -> None:
    paint_ = colour(code) * np.clip(tone, 0.02, 2)[:, :, None]
    part += (paint_ - part) * mask[:, :, None]
