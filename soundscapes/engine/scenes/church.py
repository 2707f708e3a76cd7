"""A church on a hill."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import meadow, paint, sky, trees
from soundscapes.engine.scenes.noise import Rng, fbm, ridge_line
from soundscapes.engine.scenes.paint import COLUMNS, ROWS, Layer, Light, lay, smoothstep

_FLOWERS = ((255, 250, 240), (250, 214, 84), (206, 112, 160))
_LIT, _SHADE, _TRIM = (250, 240, 222), (176, 170, 178), (226, 206, 176)
_ROOF, _RIDGES = (150, 78, 58), (104, 54, 46)
_BASE, _LEFT, _RIGHT, _DEEP = 724.0, 664.0, 780.0, 62.0  # of the tower
_GRASS = [(0.0, "#1f3318"), (0.45, "#567a34"), (0.75, "#98a94c"), (1.0, "#e2d27c")]


def church(rng: Rng) -> Image.Image:
    """White walls in the evening sun, a path up to the door."""
    picture = _sky(rng)
    for base, height, tone in ((640, 80, "#a5aec2"), (690, 70, "#7f93a0"), (730, 50, "#67806c")):
        lay(picture, paint.below(ridge_line(rng, base, height, roughness=0.5)), tone)
    x = np.arange(1600, dtype=np.float32)
    _village(picture, rng)
    hill = 905 - 215 * np.exp(-(((x - 880) / 520) ** 2)) + 6 * np.sin(x / 90)
    meadow.slope(picture, rng, hill, _GRASS, horizon=610, sun=-0.22)
    _path(picture, rng)
    _trees(picture, rng, back=True)
    _building(picture, rng)
    _wall(picture, rng, hill)
    _trees(picture, rng, back=False)
    front = Layer()
    meadow.blades(
        front,
        rng,
        (960, 1085),
        2400,
        66,
        (34, 54, 20),
        (214, 200, 96),
        flowers=_FLOWERS,
    )
    front.onto(picture)
    paint.bloom(picture, 0.9, 26, 0.3)
    return paint.finish(picture, rng, exposure=1.02, vignette=0.28)


def _sky(rng: Rng) -> Light:
    picture = sky.clear_sky(
        700, [(0.0, "#3f6ea8"), (0.45, "#8fb2cf"), (0.8, "#f4dcc0"), (1.0, "#ffcf9c")]
    )
    heaps = sky.bank_of_clouds(rng, 260, stretch=2.2, warp=24)
    heaps = heaps + np.exp(-(((ROWS - 330) / 170) ** 2)) * 1.3 - 0.9
    sky.lit_clouds(
        picture,
        heaps,
        sun=(-300, 500),
        cover=(-0.1, 1.1),
        dark="#8f93b0",
        bright="#fff0da",
        opacity=0.92,
    )
    return picture


def _village(picture: Light, rng: Rng) -> None:
    """Roofs in the valley."""
    layer = Layer()
    for _house in range(34):
        x, y = rng.uniform(20, 470), rng.uniform(790, 850)
        wide = rng.uniform(22, 44)
        layer.rectangle(x, y - wide * 0.5, x + wide, y, (236, 220, 196))
        layer.polygon(
            [
                (x - 3, y - wide * 0.5),
                (x + wide + 3, y - wide * 0.5),
                (x + wide * 0.75, y - wide),
                (x + wide * 0.2, y - wide),
            ],
            (164, 92, 68),
        )
        ends = np.array([(x - 12, y - 4.0), (x + wide + 10, y - 6.0)])
        trees.foliage(
            layer,
            rng,
            ends,
            13,
            (48, 72, 44),
            (160, 168, 92),
            sun=(-0.8, -0.5),
            leaves=26,
            leaf=0.35,
        )
    layer.onto(picture, blurred=0.8)
    lay(
        picture,
        (
            smoothstep(900, 780, ROWS)
            * smoothstep(700, 800, ROWS)
            * smoothstep(620, 300, COLUMNS)
            * 0.3
        ).astype(np.float32),
        "#e6c9a8",
    )


def _path(picture: Light, rng: Rng) -> None:
    layer = Layer()
    rows = np.linspace(712, 1080, 60)
    share = (rows - 712) / 368
    middle = 722 - 150 * np.sin(share * 2.4) * share**0.5 + 190 * share**2
    wide = 15 + 110 * share**1.4
    left, right = (
        list(zip(middle - wide, rows, strict=True)),
        list(zip(middle + wide, rows, strict=True)),
    )
    layer.polygon([*left, *right[::-1]], (206, 182, 142))
    light, mask = layer.light(3.0)
    grit = 1 + 0.16 * fbm(rng, 40, octaves=6, stretch=2)[:, :, None]
    lay(picture, mask * 0.9, (light * grit).astype(np.float32))


def _trees(picture: Light, rng: Rng, *, back: bool) -> None:
    layer = Layer()
    spots = (
        ((1215, 745, 290), (1330, 775, 210))
        if back
        else ((520, 800, 250), (1420, 860, 330), (250, 905, 210))
    )
    for x, y, tall in spots:
        trees.broad_tree(
            layer,
            rng,
            (x, y),
            tall,
            (58, 44, 34),
            (28, 46, 22),
            (186, 178, 80),
            sun=(-0.8, -0.5),
            leaves=int(tall * 8),
        )
    layer.onto(picture)


def _building(picture: Light, rng: Rng) -> None:
    layer = Layer()
    _nave(layer)
    _tower(layer)
    _spire(layer)
    _openings(layer)
    light, mask = layer.light()
    plaster = 1 + 0.055 * fbm(rng, 60, octaves=6)[:, :, None]
    shadow = np.exp(-(((COLUMNS - 980) / 270) ** 2 + ((ROWS - 734) / 22) ** 2))
    lay(picture, (shadow * 0.5).astype(np.float32), "#1a2414")
    lay(picture, mask, (light * plaster).astype(np.float32))


def _tower(layer: Layer) -> None:
    """Its front in the sun, its side in the shade, with two string courses and a cornice."""
    left, right, back = _LEFT, _RIGHT, _RIGHT + _DEEP
    layer.polygon([(left, _BASE), (right, _BASE), (right, 392), (left, 392)], _LIT)
    layer.polygon([(right, _BASE), (back, _BASE - 10), (back, 386), (right, 392)], _SHADE)
    for row in (470, 590):
        upper = [(left - 4, row), (right + 2, row), (back + 3, row - 7)]
        lower = [(back + 3, row - 1), (right + 2, row + 7), (left - 4, row + 7)]
        layer.polygon(upper + lower, _TRIM)
    upper = [(left - 10, 392), (right + 6, 392), (back + 8, 384)]
    lower = [(back + 8, 378), (right + 6, 384), (left - 10, 384)]
    layer.polygon(upper + lower, (236, 222, 198))


def _spire(layer: Layer) -> None:
    tip = ((_LEFT + _RIGHT + _DEEP) / 2, 120.0)
    layer.polygon([(_LEFT - 8, 384), (_RIGHT + 4, 384), tip], (122, 132, 140))
    layer.polygon([(_LEFT - 8, 384), (_LEFT + 40, 384), tip], (164, 170, 172))
    layer.polygon([(_RIGHT + 4, 384), (_RIGHT + _DEEP + 6, 378), tip], (72, 80, 92))
    layer.line([(tip[0], 126), (tip[0], 74)], (216, 176, 92), 5)
    layer.line([(tip[0] - 16, 92), (tip[0] + 16, 92)], (216, 176, 92), 5)
    layer.ellipse(tip[0], 122, 7, 7, (240, 204, 120))


def _openings(layer: Layer) -> None:
    """The belfry's louvres, a window and the door."""
    _arch(layer, 702, 462, 20, 50, (62, 52, 54))
    _arch(layer, 742, 462, 20, 50, (62, 52, 54))
    _arch(layer, _RIGHT + 31, 456, 16, 48, (46, 42, 50))
    _arch(layer, 722, 580, 22, 54, (74, 84, 104))
    _arch(layer, 722, _BASE, 50, 96, _TRIM)
    _arch(layer, 722, _BASE, 40, 86, (96, 58, 36))
    layer.line([(722, _BASE), (722, _BASE - 84)], (60, 36, 24), 2)
    layer.rectangle(676, _BASE - 2, 768, _BASE + 8, (210, 196, 172))


def _nave(layer: Layer) -> None:
    """The long house behind the tower: its gable faces the sun, its side is in the shade."""
    layer.polygon([(612, _BASE), (830, _BASE), (830, 574), (721, 462), (612, 574)], _LIT)
    layer.polygon([(830, _BASE), (1120, _BASE - 16), (1120, 580), (830, 574)], _SHADE)
    layer.polygon([(721, 456), (1030, 474), (1134, 586), (838, 584)], _ROOF)
    for step in np.linspace(0, 1, 15):
        a = (721 + 117 * step, 456 + 128 * step)
        b = (1030 + 104 * step, 474 + 112 * step)
        layer.line([a, b], _RIDGES, 1)
    layer.polygon([(604, 584), (721, 454), (838, 584), (828, 586), (721, 468), (614, 586)], _RIDGES)
    for x in (868, 936, 1004, 1072):
        _arch(layer, x, 672 - (x - 830) * 0.02, 26, 66, (206, 198, 196))
        _arch(layer, x, 670 - (x - 830) * 0.02, 19, 58, (70, 84, 112))
        layer.line([(x, 670), (x, 614)], (160, 158, 164), 1.5)


def _arch(layer: Layer, x: float, foot: float, wide: float, tall: float, fill: trees.Shade) -> None:
    half = wide / 2
    layer.rectangle(x - half, foot - tall + half, x + half, foot, fill)
    layer.ellipse(x, foot - tall + half, half, half, fill)


def _wall(picture: Light, rng: Rng, hill: paint.Mask) -> None:
    """A low wall of stones around the churchyard."""
    layer = Layer()
    for x in np.arange(800, 1400, 6):
        y = float(np.interp(x, range(1600), hill)) + 42
        for up in range(4):
            tone = int(rng.uniform(128, 196))
            layer.ellipse(
                x + rng.uniform(-2, 2),
                y - up * 6,
                rng.uniform(4, 8),
                4,
                (tone, int(tone * 0.95), int(tone * 0.86)),
            )
    layer.onto(picture)
