"""Sheep on a pasture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import meadow, paint, sky, trees
from soundscapes.engine.scenes.noise import Rng, fbm, ridge_line
from soundscapes.engine.scenes.paint import COLUMNS, ROWS, Layer, Light, colour, lay, smoothstep

_HORIZON = 470.0
_GRASS = [(0.0, "#24401a"), (0.45, "#5f8a35"), (0.75, "#94b14a"), (1.0, "#cdd67a")]


def farm(rng: Rng) -> Image.Image:
    """A flock grazes below a red barn on a summer's afternoon."""
    picture = sky.clear_sky(_HORIZON, [(0.0, "#3d7fc0"), (0.5, "#86b8de"), (1.0, "#dfeaea")])
    heaps = sky.bank_of_clouds(rng, 230, stretch=1.8, warp=22)
    shelf = np.exp(-(((ROWS - 235) / 130) ** 2)) * 1.5 - 0.9
    sky.lit_clouds(picture, heaps + shelf, sun=(300, -300), cover=(0.0, 1.0), dark="#b3c2d4", bright="#ffffff", reach=24)
    for base, height, tone in ((440, 46, "#9db7c4"), (462, 40, "#7f9f92")):
        lay(picture, paint.below(ridge_line(rng, base, height, roughness=0.48)), tone)
    x = np.arange(1600, dtype=np.float32)
    meadow.slope(picture, rng, 505 - 34 * np.sin(x / 420 + 0.4), _GRASS, horizon=430, sun=-0.1)
    _hedges(picture, rng)
    meadow.slope(picture, rng, 590 - 46 * np.sin(x / 520 + 2.6), _GRASS, horizon=470, sun=-0.15)
    _barn(picture, rng)
    meadow.slope(picture, rng, 668 - 18 * np.sin(x / 330 + 1.0), _GRASS, horizon=530, sun=-0.1)
    _fence(picture)
    flock = [(620, 690, 0.30, 1), (730, 700, 0.33, -1), (860, 696, 0.30, 1), (1010, 706, 0.34, 1), (520, 712, 0.36, -1), (1180, 735, 0.48, -1), (330, 750, 0.52, 1), (800, 770, 0.60, 1), (1370, 850, 1.0, -1), (560, 890, 1.15, 1), (1010, 930, 1.3, -1)]
    for sx, sy, size, turn in flock:
        _sheep(picture, rng, sx, sy, size, turn)
    front = Layer()
    meadow.blades(front, rng, (985, 1075), 1500, 62, (38, 66, 22), (172, 190, 84), flowers=((250, 246, 230), (244, 208, 70)))
    front.onto(picture)
    return paint.finish(picture, rng, exposure=1.02, vignette=0.25)


def _hedges(picture: Light, rng: Rng) -> None:
    layer = Layer()
    for x in np.arange(-20, 1620, 15):
        y = 506 - 34 * np.sin(x / 420 + 0.4) + 4
        tall = rng.uniform(16, 46) * (1.5 if rng.random() < 0.12 else 1)
        ends = np.stack([rng.normal(x, 9, 4), y - rng.uniform(0.2, 1, 4) * tall], axis=1)
        trees.foliage(layer, rng, ends, 13, (44, 72, 46), (136, 164, 92), sun=(-0.6, -0.7), leaves=36, leaf=0.3)
    layer.onto(picture)


def _barn(picture: Light, rng: Rng) -> None:
    """A gabled barn with white trim, a silo beside it, and two trees."""
    layer = Layer()
    trees.broad_tree(layer, rng, (1490, 655), 300, (62, 48, 34), (32, 60, 24), (150, 178, 74), sun=(-0.6, -0.7), leaves=1900)
    x, y = 1090.0, 640.0
    layer.polygon([(x, y), (x + 150, y), (x + 150, y - 120), (x + 122, y - 182), (x + 75, y - 214), (x + 28, y - 182), (x, y - 120)], (168, 46, 36))
    layer.polygon([(x + 150, y), (x + 350, y - 8), (x + 350, y - 112), (x + 150, y - 120)], (112, 30, 26))
    layer.polygon([(x + 75, y - 214), (x + 290, y - 200), (x + 322, y - 170), (x + 358, y - 108), (x + 156, y - 116), (x + 124, y - 184)], (84, 82, 88))
    for rib in np.linspace(0, 1, 16):
        a, b = (x + 75 + 215 * rib, y - 214 + 14 * rib), (x + 156 + 202 * rib, y - 116 + 8 * rib)
        layer.line([a, (x + 124 + 198 * rib, y - 184 + 14 * rib), b], (98, 96, 102), 1)
    for plank in np.arange(8, 150, 9):
        layer.line([(x + plank, y), (x + plank, y - 118)], (148, 38, 30), 1)
    white = (238, 232, 220)
    for points in ([(x + 45, y), (x + 45, y - 78), (x + 105, y - 78), (x + 105, y)], [(x + 45, y), (x + 105, y - 78)], [(x + 45, y - 78), (x + 105, y)], [(x + 75, y), (x + 75, y - 78)], [(x, y - 120), (x + 28, y - 182), (x + 75, y - 214), (x + 122, y - 182), (x + 150, y - 120)], [(x + 60, y - 112), (x + 90, y - 112), (x + 90, y - 146), (x + 60, y - 146), (x + 60, y - 112)]):
        layer.line(points, white, 4.5)
    for wx in (190, 250, 310):
        layer.polygon([(x + wx, y - 48), (x + wx + 22, y - 49), (x + wx + 22, y - 82), (x + wx, y - 82)], (40, 34, 36))
    layer.onto(picture)
    from soundscapes.engine.scenes import solids

    seams = 1 - 0.10 * (np.abs(np.sin(ROWS / 9)) > 0.96) + 0 * COLUMNS
    solids.turned(picture, 1058, [(392, 4), (396, 16), (406, 30), (420, 36), (645, 36)], "#cfd0cc", tilt=0.0, gloss=0.2, ambient=0.4, texture=seams)


def _fence(picture: Light) -> None:
    layer = Layer()
    x = np.arange(-30, 1640, 92)
    y = 690 - 18 * np.sin(x / 330 + 1.0)
    for rail in (16, 34):
        layer.line([(float(a), float(b - rail)) for a, b in zip(x, y, strict=True)], (150, 128, 100), 4)
    for a, b in zip(x, y, strict=True):
        layer.rectangle(a - 4, b - 46, a + 4, b + 4, (122, 100, 76))
        layer.rectangle(a - 4, b - 46, a - 1, b + 4, (182, 160, 128))
    layer.onto(picture)


def _sheep(picture: Light, rng: Rng, x: float, foot: float, size: float, turn: int) -> None:
    """A grazing or watching sheep: a fleece of dabs, a dark face, thin legs."""
    shadow = np.exp(-(((COLUMNS - x - 30 * size) / (135 * size)) ** 2 + ((ROWS - foot) / (20 * size)) ** 2) * 1.3)
    lay(picture, (shadow * 0.55).astype(np.float32), "#16260f")
    layer = Layer()
    face, dark = (62, 52, 48), (44, 36, 34)

    def at(dx: float, up: float) -> paint.Point:
        return x + turn * dx * size, foot - up * size

    for dx, tone in ((-58, dark), (40, dark), (-72, face), (56, face)):
        layer.polygon([at(dx - 8, 62), at(dx + 9, 62), at(dx + 6, 2), at(dx - 6, 2)], tone)
    count = 46
    angle, far = rng.uniform(0, 2 * np.pi, count), np.sqrt(rng.random(count))
    clumps = np.stack([x + turn * size * (88 * far * np.cos(angle)), foot - size * (104 + 42 * far * np.sin(angle))], axis=1)
    neck = np.array([at(82, 128), at(92, 140), at(-94, 112)])
    leaves = int(500 + 900 * min(size, 1.2))
    trees.foliage(layer, rng, np.concatenate([clumps, neck]), 23 * size, (132, 118, 100), (255, 250, 236), sun=(-0.45, -0.85), leaves=leaves, leaf=0.24)
    head = [at(96, 150), at(118, 160), at(140, 146), at(158, 112), at(156, 98), at(142, 94), at(124, 104), at(104, 124)]
    layer.polygon(head, face)
    layer.polygon([at(118, 160), at(140, 146), at(158, 112), at(146, 112), at(128, 140)], (96, 82, 74))
    layer.polygon([at(100, 156), at(78, 150), at(70, 140), at(86, 140), at(104, 146)], (84, 68, 62))
    layer.polygon([at(124, 160), at(136, 170), at(146, 162), at(136, 152)], (84, 68, 62))
    layer.ellipse(*at(130, 138), 4.2 * size, 4.2 * size, (16, 12, 12))
    layer.ellipse(*at(131, 140), 1.4 * size, 1.4 * size, (236, 230, 220))
    cap = np.array([at(104, 158), at(112, 164), at(98, 150)])
    trees.foliage(layer, rng, cap, 13 * size, (150, 136, 116), (255, 250, 236), sun=(-0.45, -0.85), leaves=40, leaf=0.35)
    light, mask = layer.light()
    wool = 1 + 0.10 * fbm(rng, 10, octaves=3)[:, :, None]
    lay(picture, mask, (light * wool).astype(np.float32))
