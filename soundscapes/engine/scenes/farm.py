"""A cock on the farmyard's fence."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import meadow, paint, poultry, sky, solids, trees
from soundscapes.engine.scenes.noise import Rng, fbm, ridge_line
from soundscapes.engine.scenes.paint import COLUMNS, ROWS, Layer, Light, lay

_GRASS = [(0.0, "#2c4a1a"), (0.45, "#6d8f35"), (0.75, "#b3b34e"), (1.0, "#f0dc86")]
_RAIL = 800.0


def farm(rng: Rng) -> Image.Image:
    """Sunrise: he crows from the top rail, the barn and the meadows still in haze."""
    picture = sky.clear_sky(
        500, [(0.0, "#6fa3d0"), (0.45, "#c2d4dc"), (0.8, "#fbdcb0"), (1.0, "#ffd49a")]
    )
    heaps = sky.bank_of_clouds(rng, 230, stretch=2.4, warp=22)
    shelf = np.exp(-(((ROWS - 170) / 120) ** 2)) * 1.4 - 0.9
    sky.lit_clouds(
        picture, heaps + shelf, sun=(1500, 600), cover=(0.0, 1.2), dark="#b9b9cc", bright="#fff3dc"
    )
    sky.sun_glow(picture, 1330, 420, "#ffd79a", 0.55, 70)
    for base, height, tone in ((455, 60, "#b9bdc4"), (485, 46, "#a3ad96")):
        lay(picture, paint.below(ridge_line(rng, base, height, roughness=0.48)), tone)
    x = np.arange(1600, dtype=np.float32)
    meadow.slope(picture, rng, 530 - 30 * np.sin(x / 420 + 0.4), _GRASS, horizon=430, sun=0.12)
    _barn(picture, rng, 90.0, 600.0, 1.35)
    meadow.slope(picture, rng, 605 - 22 * np.sin(x / 520 + 2.6), _GRASS, horizon=470, sun=0.12)
    picture = paint.soften(picture, 5)
    lay(picture, paint.glow(1330, 440, 560, 1.1) * 0.3, "#ffe4b4")
    _fence(picture, rng)
    poultry.cock(picture, rng, 760.0, _RAIL - 4, 440.0)
    front = Layer()
    meadow.blades(
        front,
        rng,
        (1010, 1090),
        1500,
        110,
        (40, 62, 20),
        (226, 214, 96),
        flowers=((250, 246, 230), (244, 208, 70)),
    )
    front.onto(picture, blurred=1.2)
    paint.bloom(picture, 0.9, 30, 0.3)
    return paint.finish(picture, rng, exposure=1.0, vignette=0.3)


def _barn(picture: Light, rng: Rng, x: float, y: float, size: float) -> None:
    """A gabled barn with white trim, beside it a silo and a tree."""
    _silo_and_tree(picture, rng, x, y, size)
    layer = Layer()

    def at(*points: tuple[float, float]) -> list[paint.Point]:
        return [(x + dx * size, y - up * size) for dx, up in points]

    layer.polygon(at((200, 0), (360, 6), (360, 108), (200, 120)), (196, 66, 44))
    layer.polygon(
        at((0, 0), (200, 0), (200, 120), (166, 182), (100, 214), (34, 182), (0, 120)), (142, 36, 30)
    )
    layer.polygon(
        at((100, 214), (280, 200), (330, 170), (372, 106), (206, 116), (168, 184)), (118, 110, 112)
    )
    for points in (
        ((65, 0), (65, 90), (135, 90), (135, 0)),
        ((65, 0), (135, 90)),
        ((65, 90), (135, 0)),
        ((0, 120), (34, 182), (100, 214), (166, 182), (200, 120)),
        ((84, 120), (116, 120), (116, 156), (84, 156), (84, 120)),
    ):
        layer.line(at(*points), (236, 226, 210), 5 * size)
    layer.onto(picture)


def _silo_and_tree(picture: Light, rng: Rng, x: float, y: float, size: float) -> None:
    solids.turned(
        picture,
        x + 250 * size,
        [(y - 250 * size, 6), (y - 240 * size, 26), (y - 228 * size, 40), (y, 40)],
        "#cfd0cc",
        tilt=0.0,
        gloss=0.2,
        ambient=0.4,
    )
    layer = Layer()
    trees.broad_tree(
        layer,
        rng,
        (x + 400 * size, y + 6),
        190 * size,
        (62, 48, 34),
        (52, 74, 36),
        (206, 204, 110),
        sun=(0.8, -0.5),
        leaves=1500,
    )
    layer.onto(picture)


def _fence(picture: Light, rng: Rng) -> None:
    """Two weathered rails between posts."""
    layer = Layer()
    _rails(layer)
    _posts(layer)
    light, mask = layer.light()
    along = fbm(rng, 14, octaves=4, stretch=9)[:, :, None]
    knots = fbm(rng, 60, octaves=3, stretch=3)[:, :, None]
    grain = np.clip(1 + 0.14 * along + 0.10 * knots, 0.4, 1.5)
    lay(picture, mask, (light * grain).astype(np.float32))
    shadow = np.exp(-(((COLUMNS - 740) / 90) ** 2 + ((ROWS - _RAIL - 8) / 16) ** 2)) * 0.5
    lay(picture, shadow.astype(np.float32), "#2a1c12")


def _rails(layer: Layer) -> None:
    xs = np.linspace(-20, 1620, 40)
    for row, wide in ((_RAIL, 46.0), (_RAIL + 142, 42.0)):
        for share in (np.arange(18) + 0.5) / 18:
            lit = np.exp(-(((share - 0.12) / 0.22) ** 2)) * 0.9 + 0.22 * (1 - share)
            ys = row + share * wide + 4 * np.sin(xs / 240 + row)
            tone = trees.shade((74, 58, 46), (222, 190, 146), float(lit))
            layer.line(list(zip(xs.tolist(), ys.tolist(), strict=True)), tone, wide / 15)


def _posts(layer: Layer) -> None:
    for x in (170, 1240):
        for share in (np.arange(16) + 0.5) / 16:
            lit = np.exp(-(((share - 0.82) / 0.25) ** 2)) * 0.85 + 0.1
            tone = trees.shade((66, 52, 42), (226, 192, 146), float(lit))
            top = _RAIL - 46 + 6 * float(np.sin(share * 3))
            layer.rectangle(x + share * 66, top, x + (share + 0.08) * 66, 1090, tone)
