"""A steam train in the evening."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import meadow, paint, sky, trees
from soundscapes.engine.scenes.noise import Rng, fbm, ridge_line
from soundscapes.engine.scenes.paint import (
    COLUMNS,
    ROWS,
    Layer,
    Light,
    lay,
    shine,
    smoothstep,
)

_RAIL = 800.0
_GRASS = [(0.0, "#2a2f16"), (0.45, "#6c6a2d"), (0.75, "#a8934a"), (1.0, "#e6c67a")]
_BLACK, _IRON, _SHINE = (18, 19, 22), (44, 46, 52), (150, 146, 142)
_RED, _BRASS = (158, 34, 28), (214, 168, 82)


def railway(rng: Rng) -> Image.Image:
    """A locomotive draws its carriages past the hills, its smoke lit by a low sun."""
    picture = sky.clear_sky(
        600, [(0.0, "#54719f"), (0.45, "#c3b4b8"), (0.8, "#ffcf94"), (1.0, "#ffdfa8")]
    )
    clouds = sky.cloud_plane(rng, 610, scale=0.8, stretch=1.7)
    sky.lit_clouds(
        picture,
        clouds,
        sun=(200, 560),
        cover=(0.1, 1.6),
        dark="#8f88a0",
        bright="#ffe2b6",
        opacity=0.85,
    )
    sky.sun_glow(picture, 190, 520, "#ffd08a", 0.6, 60)
    for base, height, tone in ((548, 110, "#a79aa0"), (590, 90, "#84796f"), (630, 50, "#655c42")):
        lay(picture, paint.below(ridge_line(rng, base, height, roughness=0.52)), tone)
    _woods(picture, rng)
    x = np.arange(1600, dtype=np.float32)
    meadow.slope(picture, rng, 690 + 8 * np.sin(x / 300), _GRASS, horizon=560, sun=-0.2)
    _smoke(picture, rng)
    _track(picture, rng)
    _train(picture, rng)
    _steam(picture, rng)
    front = Layer()
    meadow.blades(
        front,
        rng,
        (900, 1085),
        2600,
        80,
        (44, 44, 18),
        (226, 190, 100),
        flowers=((232, 80, 60), (250, 232, 190)),
    )
    front.onto(picture)
    picture *= (1 + 0.25 * paint.glow(190, 520, 700, 1.2))[:, :, None]
    paint.bloom(picture, 0.85, 30, 0.35)
    return paint.finish(picture, rng, exposure=1.0, vignette=0.3)


def _woods(picture: Light, rng: Rng) -> None:
    layer = Layer()
    for x in rng.uniform(-20, 1620, 60):
        tall = rng.uniform(30, 84)
        trees.broad_tree(
            layer,
            rng,
            (x, 706),
            tall,
            (58, 46, 34),
            (56, 54, 30),
            (188, 158, 84),
            sun=(-0.8, -0.4),
            leaves=int(tall * 4),
            levels=5,
        )
    layer.onto(picture)


def _smoke(picture: Light, rng: Rng) -> None:
    """A plume that starts narrow and bright at the chimney and widens as the wind takes it."""
    back = np.clip((1290 - COLUMNS) / 1290, 0, 1.1)
    middle = 476 - 200 * np.sqrt(back) - 50 * back
    wide = 26 + 150 * back**0.7
    warp = sky.bank_of_clouds(rng, 150, stretch=1.2, warp=40, octaves=7)
    dense = 1.1 + 0.9 * np.exp(-(((back - 0.02) / 0.3) ** 2))
    density = (dense - np.abs((ROWS - middle) / wide) + 0.34 * warp) * (COLUMNS < 1306)
    fade = smoothstep(1.12, 0.2, back) * (0.6 + 0.4 * (1 - back))
    mask = smoothstep(0.1, 0.8, density) * fade
    light = smoothstep(-0.45, 0.4, density - sky.shifted(density, -20, 18))
    shown = paint.gradient(light, [(0.0, "#8a7d86"), (0.5, "#cdb8b0"), (1.0, "#fff2dc")])
    picture += (shown - picture) * (mask * 0.95)[:, :, None]


def _track(picture: Light, rng: Rng) -> None:
    """Ballast, sleepers and a rail, seen from the side."""
    gravel = fbm(rng, 9, octaves=3)
    bank = paint.gradient(
        0.5 + 0.2 * gravel, [(0.0, "#3b332c"), (0.5, "#7d6d5c"), (1.0, "#c4ab8a")]
    )
    shape = smoothstep(_RAIL + 4, _RAIL + 10, ROWS + 2 * gravel) * smoothstep(
        _RAIL + 66, _RAIL + 44, ROWS + 6 * gravel
    )
    lay(picture, shape, bank)
    layer = Layer()
    for x in range(-10, 1620, 38):
        layer.rectangle(x, _RAIL + 8, x + 20, _RAIL + 20, (70, 54, 42))
        layer.rectangle(x, _RAIL + 8, x + 20, _RAIL + 11, (140, 112, 84))
    layer.rectangle(-5, _RAIL, 1605, _RAIL + 9, (84, 66, 56))
    layer.rectangle(-5, _RAIL, 1605, _RAIL + 2.5, (255, 226, 178))
    layer.onto(picture)


def _barrel(
    layer: Layer,
    left: float,
    right: float,
    top: float,
    bottom: float,
    tone: trees.Shade,
    shine_: trees.Shade,
) -> None:
    """A lying cylinder: strips from top to bottom, a highlight a quarter of the way down."""
    steps = 40
    for step in range(steps):
        share = (step + 0.5) / steps
        light = (
            0.85 * np.exp(-(((share - 0.24) / 0.12) ** 2))
            + 0.22 * np.exp(-(((share - 0.88) / 0.1) ** 2))
            + 0.10
        )
        a, b = top + (bottom - top) * step / steps, top + (bottom - top) * (step + 1) / steps
        layer.rectangle(left, a, right, b + 0.5, trees.shade(tone, shine_, float(light)))


def _wheel(layer: Layer, x: float, radius: float, *, spokes: int = 12, turn: float = 0.0) -> None:
    y = _RAIL - radius
    layer.ellipse(x, y, radius, radius, (172, 162, 152))
    layer.ellipse(x, y, radius * 0.94, radius * 0.94, _BLACK)
    layer.ellipse(x, y, radius * 0.86, radius * 0.86, (36, 24, 24))
    for spoke in range(spokes):
        a = turn + spoke * 2 * np.pi / spokes
        layer.line(
            [(x, y), (x + radius * 0.88 * np.cos(a), y + radius * 0.88 * np.sin(a))],
            _RED,
            radius * 0.085,
        )
    layer.ellipse(x, y, radius * 0.2, radius * 0.2, _RED)
    layer.ellipse(x, y, radius * 0.1, radius * 0.1, _SHINE)


def _train(picture: Light, rng: Rng) -> None:
    shadow = smoothstep(_RAIL - 60, _RAIL - 20, ROWS) * smoothstep(_RAIL + 40, _RAIL + 6, ROWS)
    lay(picture, shadow * smoothstep(1425, 1395, COLUMNS) * 0.8, "#0e0c0c")
    layer = Layer()
    for left in (-330, 60):
        _carriage(layer, left, left + 372)
    _tender(layer, 452.0, 672.0)
    _engine(layer)
    light, mask = layer.light()
    grime = 1 + 0.14 * fbm(rng, 50, octaves=5)[:, :, None]
    lay(picture, mask, (light * grime).astype(np.float32))


def _carriage(layer: Layer, left: float, right: float) -> None:
    _barrel(layer, left, right, 560, 590, (62, 52, 50), (190, 166, 140))
    layer.rectangle(left + 6, 586, right - 6, 736, (122, 34, 30))
    layer.rectangle(left + 6, 586, right - 6, 606, (232, 208, 166))
    layer.rectangle(left + 6, 668, right - 6, 671, _BRASS)
    layer.rectangle(left + 6, 700, right - 6, 736, (90, 24, 24))
    for x in np.arange(left + 26, right - 44, 46):
        layer.rectangle(x, 612, x + 32, 660, (86, 52, 34))
        layer.rectangle(x + 3, 615, x + 29, 658, (255, 214, 140))
        layer.polygon([(x + 3, 615), (x + 18, 615), (x + 3, 646)], (255, 236, 190))
    layer.rectangle(left, 734, right, 750, _BLACK)
    for x in (left + 52, left + 104, right - 104, right - 52):
        _wheel(layer, x, 31, spokes=8)


def _tender(layer: Layer, left: float, right: float) -> None:
    layer.polygon(
        [(left, 628), (left + 30, 606), (right - 20, 600), (right - 8, 628)], (22, 20, 20)
    )
    for x in np.arange(left + 12, right - 20, 13):
        layer.ellipse(x, 616 - 6 * np.sin((x - left) / 60), 11, 9, (34 + int(x) % 18, 32, 32))
    layer.rectangle(left, 624, right - 6, 740, (30, 52, 40))
    layer.rectangle(left, 624, right - 6, 631, (120, 132, 110))
    layer.line(
        [
            (left + 14, 646),
            (right - 20, 646),
            (right - 20, 722),
            (left + 14, 722),
            (left + 14, 646),
        ],
        _BRASS,
        2.5,
    )
    layer.rectangle(left - 8, 738, right, 754, _BLACK)
    for x in (left + 42, left + 108, left + 174):
        _wheel(layer, x, 34, spokes=10)


def _engine(layer: Layer) -> None:
    _cab(layer)
    _barrel(layer, 800, 1340, 560, 690, _BLACK, (196, 186, 172))
    _barrel(layer, 1226, 1348, 552, 700, (10, 10, 11), (150, 142, 132))
    for x in (830, 930, 1030, 1130, 1222):
        _barrel(layer, x, x + 7, 557, 693, (120, 84, 30), (255, 226, 150))
    layer.ellipse(1346, 626, 13, 72, (26, 26, 28))
    _chimney(layer)
    layer.polygon([(690, 690), (1352, 690), (1352, 704), (690, 704)], (46, 46, 50))
    layer.rectangle(690, 690, 1352, 693, (190, 172, 146))
    layer.rectangle(700, 704, 1330, 746, (24, 22, 23))
    layer.polygon([(1216, 700), (1330, 700), (1336, 768), (1208, 768)], _IRON)
    _barrel(layer, 1214, 1330, 716, 764, (26, 26, 30), (196, 184, 168))
    layer.polygon([(1352, 690), (1388, 706), (1388, 730), (1352, 734)], (30, 30, 32))
    layer.rectangle(1374, 700, 1396, 742, _RED)
    layer.rectangle(1396, 712, 1412, 728, (120, 112, 104))
    layer.polygon([(1350, 742), (1396, 742), (1420, _RAIL - 8), (1350, _RAIL - 8)], (38, 34, 34))
    for turn, x in enumerate((786, 922, 1058)):
        _wheel(layer, x, 62, spokes=14, turn=0.2 * turn)
    for x in (1176, 1330):
        _wheel(layer, x, 33, spokes=9)
    layer.line([(786, 758), (1058, 758)], (206, 198, 186), 11)
    layer.line([(786, 755), (1058, 755)], (250, 240, 222), 3)
    layer.line([(1058, 758), (1228, 742)], (206, 198, 186), 9)
    for x in (786, 922, 1058):
        layer.ellipse(x, 758, 11, 11, (230, 222, 208))
    layer.ellipse(1352, 560, 17, 19, (72, 62, 50))
    layer.ellipse(1356, 560, 13, 15, (255, 240, 190))


def _cab(layer: Layer) -> None:
    green, lit = (28, 56, 42), (70, 104, 78)
    layer.rectangle(668, 566, 812, 746, green)
    layer.rectangle(668, 566, 676, 746, lit)
    layer.polygon([(652, 560), (664, 540), (740, 528), (818, 540), (830, 560)], (34, 34, 38))
    layer.polygon([(652, 560), (664, 540), (740, 528), (700, 545)], (120, 112, 104))
    for left, right in ((690, 736), (750, 796)):
        layer.rectangle(left - 4, 580, right + 4, 638, _BRASS)
        layer.rectangle(left, 584, right, 634, (46, 38, 34))
        layer.polygon([(left, 584), (right, 584), (left, 622)], (236, 178, 104))
    layer.line([(686, 656), (798, 656), (798, 730), (686, 730), (686, 656)], _BRASS, 2.5)


def _chimney(layer: Layer) -> None:
    for left, right, top, bottom, flare in (
        (1262, 1310, 486, 556, 10),
        (1080, 1142, 512, 564, -8),
        (952, 996, 528, 566, -6),
    ):
        for strip in range(16):
            share = (strip + 0.5) / 16
            light = 0.9 * np.exp(-(((share - 0.26) / 0.16) ** 2)) + 0.15
            brass = flare == -8
            tone = trees.shade(
                (120, 82, 28) if brass else _BLACK,
                (255, 230, 160) if brass else (190, 180, 168),
                float(light),
            )
            a, b = left + (right - left) * strip / 16, left + (right - left) * (strip + 1) / 16
            mid = (left + right) / 2
            spread = 1 + flare * 2 / (right - left)
            layer.polygon(
                [
                    (a, bottom),
                    (b, bottom),
                    (mid + (b - mid) * spread, top),
                    (mid + (a - mid) * spread, top),
                ],
                tone,
            )
    layer.rectangle(1249, 478, 1323, 490, _IRON)
    layer.rectangle(1249, 478, 1323, 481, _BRASS)
    layer.ellipse(1111, 514, 27, 14, (236, 196, 112))
    layer.ellipse(974, 530, 19, 10, (70, 68, 66))


def _steam(picture: Light, rng: Rng) -> None:
    """White steam from the cylinders, low over the rails."""
    puff = sky.bank_of_clouds(rng, 90, stretch=1.4, warp=30, octaves=5)
    where = np.exp(-(((COLUMNS - 1330) / 170) ** 2 + ((ROWS - 772) / 36) ** 2) * 1.2)
    mask = smoothstep(0.25, 1.1, where * 1.4 + 0.25 * puff) * where
    lay(picture, (mask * 0.85).astype(np.float32), "#fbeedd")
    shine(picture, (paint.glow(1358, 560, 36, 2.0)).astype(np.float32), "#ffe6ac", 0.8)
