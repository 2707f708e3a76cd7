"""A street in the rain."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import paint, water, weather
from soundscapes.engine.scenes.noise import Rng, fbm
from soundscapes.engine.scenes.paint import (
    COLUMNS,
    HEIGHT,
    ROWS,
    Layer,
    Light,
    Point,
    lay,
    shine,
    smoothstep,
)

_HORIZON = 610.0
_VANISH = (860.0, 600.0)


def rainy_street(rng: Rng) -> Image.Image:
    """A red umbrella on wet asphalt, lamps and windows out of focus."""
    picture = paint.vertical(0, _HORIZON, [(0.0, "#27384e"), (0.6, "#587089"), (1.0, "#b7b3a8")])
    _houses(picture, rng)
    _lights(picture, rng)
    picture = paint.soften(picture, 4)
    _mist(picture)
    _asphalt(picture, rng)
    _rings(picture, rng)
    _walker(picture, rng)
    _rain(picture, rng)
    paint.bloom(picture, 0.8, 24, 0.4)
    return paint.finish(picture, rng, exposure=1.15, vignette=0.35, grain=0.014)


def _towards(x: float, y: float, share: float) -> Point:
    """A point on the way to the vanishing point."""
    return x + (_VANISH[0] - x) * share, y + (_VANISH[1] - y) * share


def _houses(picture: Light, rng: Rng) -> None:
    layer = Layer()
    for edge, top in ((-260, -420), (1900, -460)):
        shares = np.array([0.0, 0.28, 0.47, 0.61, 0.72, 0.80, 0.86])
        for near, far in itertools.pairwise(shares):
            high = top * rng.uniform(0.55, 1.0)
            grey = 38 + 70 * far + rng.uniform(-8, 8)
            tone = (int(grey * 0.82), int(grey * 0.88), int(grey))
            layer.polygon(
                [
                    _towards(edge, high, near),
                    _towards(edge, high, far),
                    _towards(edge, 760, far),
                    _towards(edge, 760, near),
                ],
                tone,
            )
            _windows(layer, rng, edge, high, near, far)
            lit = rng.choice(["#ffcf8a", "#ffe2b0", "#ffb765", "#bfe0ff"])
            red, green, blue = (int(lit[k : k + 2], 16) for k in (1, 3, 5))
            step = (far - near) * 0.12
            layer.polygon(
                [
                    _towards(edge, 560, near + step),
                    _towards(edge, 560, far - step),
                    _towards(edge, 735, far - step),
                    _towards(edge, 735, near + step),
                ],
                (red, green, blue),
            )
    layer.onto(picture)


def _windows(layer: Layer, rng: Rng, edge: float, high: float, near: float, far: float) -> None:
    for row in np.arange(high + 70, 480, 150):
        for cut in range(4):
            if rng.random() < 0.12:
                continue
            a = near + (far - near) * (0.08 + cut * 0.235)
            b = a + (far - near) * 0.14
            tone = (
                (255, int(rng.uniform(190, 225)), int(rng.uniform(110, 160)))
                if rng.random() < 0.5
                else (34, 44, 60)
            )
            layer.polygon(
                [
                    _towards(edge, row, a),
                    _towards(edge, row, b),
                    _towards(edge, row + 95, b),
                    _towards(edge, row + 95, a),
                ],
                tone,
            )


def _lights(picture: Light, rng: Rng) -> None:
    """Street lamps, and cars far off, as round spots of light."""
    posts = Layer()
    for side in (-1, 1):
        for share in (0.25, 0.5, 0.66, 0.77, 0.85):
            x, y = _towards(_VANISH[0] + side * 900, 120, share)
            size = 24 * (1 - share) + 4
            paint.spot(picture, x, y, size, "#ffd79a", 1.8)
            posts.polygon(
                [
                    (x - size * 0.1, y),
                    (x + size * 0.1, y),
                    (x + size * 0.12, _HORIZON + 160 * (1 - share)),
                    (x - size * 0.12, _HORIZON + 160 * (1 - share)),
                ],
                "#1c222b",
            )
    posts.onto(picture)
    for x, y, size, code in (
        (800, 612, 11, "#fff2d6"),
        (832, 612, 11, "#fff2d6"),
        (912, 606, 7, "#ff5a45"),
        (938, 606, 7, "#ff5a45"),
        (980, 622, 13, "#ff4a38"),
        (1030, 622, 13, "#ff4a38"),
        (1090, 430, 13, "#52ff9a"),
        (690, 470, 10, "#ff5b4a"),
    ):
        paint.spot(picture, x, y, size, code, 2.4)
    for _spot in range(26):
        x, y, size = rng.uniform(200, 1500), rng.normal(520, 60), rng.uniform(5, 15)
        code = str(rng.choice(["#ffc77d", "#ff8a5a", "#ffe6c0", "#9fd0ff"]))
        paint.spot(picture, x, y, size, code, rng.uniform(0.25, 0.8))


def _mist(picture: Light) -> None:
    haze = paint.glow(_VANISH[0], _VANISH[1] - 30, 300, 1.1)
    lay(picture, haze * 0.55, "#c3bfb2")


def _asphalt(picture: Light, rng: Rng) -> None:
    heights = water.waves(rng, _HORIZON - 30, 0.5, stretch=1.2, slope=1.1)
    wet = water.reflect(
        picture,
        _HORIZON,
        heights,
        ripple=26,
        drawn_out=0.85,
        body="#141a22",
        body_far="#3a424c",
        clear=0.55,
    )
    puddles = smoothstep(-0.2, 0.9, fbm(rng, 130, octaves=4, stretch=3.2))
    rough = fbm(rng, 6, octaves=2)
    dry = paint.gradient(0.5 + 0.2 * rough, [(0.0, "#161a20"), (1.0, "#3c444d")])
    streaky = np.stack([_drawn_down(wet[:, :, k]) for k in range(3)], axis=2)
    share = (0.55 + 0.45 * puddles)[:, :, None]
    lay(
        picture,
        smoothstep(_HORIZON, _HORIZON + 14, ROWS + 0 * COLUMNS),
        (dry * (1 - share) + (wet * 0.45 + streaky * 0.75) * share).astype(np.float32),
    )
    kerb = Layer()
    for edge in (-420, 2150):
        kerb.polygon(
            [
                _towards(edge, 1130, 0),
                _towards(edge, 1130, 0.93),
                _towards(edge, 1080, 0.93),
                _towards(edge, 1080, 0),
            ],
            (96, 102, 110, 120),
        )
    kerb.onto(picture)


def _drawn_down(values: paint.Mask) -> paint.Mask:
    """Lights in a wet road are long streaks: a blur in the vertical alone."""
    sums = np.cumsum(np.pad(values, ((61, 60), (0, 0)), mode="edge"), axis=0, dtype=np.float64)
    return ((sums[120:-1] - sums[:-121]) / 120).astype(np.float32)


def _walker(picture: Light, rng: Rng) -> None:
    x, foot = 560.0, 985.0
    shadow = np.exp(-(((COLUMNS - x) / 150) ** 2 + ((ROWS - foot - 8) / 26) ** 2))
    lay(picture, (shadow * 0.7).astype(np.float32), "#0a0d12")
    for upside in (True, False):
        layer = Layer()
        pole = foot - 470 if not upside else foot + 310
        layer.line(
            [(x + 12, pole - 170 * (1 if not upside else -0.6)), (x + 12, pole)], (40, 36, 38), 6
        )
        _figure(layer, x, foot, upside)
        _umbrella(layer, x + 12, foot - 640 if not upside else foot + 420, upside)
        if upside:
            light, mask = layer.light(7.0)
            fade = smoothstep(foot + 330, foot, ROWS) * 0.6
            lay(picture, mask * fade, light)
        else:
            layer.onto(picture)
    cloth = smoothstep(0.2, 1.6, fbm(rng, 60, octaves=4))
    shine(picture, (cloth * paint.glow(x + 260, 420, 120, 2)).astype(np.float32), "#ffcfae", 0.06)


_COAT = (
    (-78, 410),
    (-60, 440),
    (-26, 455),
    (26, 455),
    (60, 440),
    (80, 408),
    (84, 300),
    (92, 130),
    (40, 118),
    (0, 126),
    (-44, 116),
    (-96, 132),
    (-84, 300),
)
_CLOTHES = (  # outlines around the feet's middle, and their colours
    (_COAT, (142, 112, 78)),
    (
        ((6, 455), (26, 455), (60, 440), (80, 408), (84, 300), (92, 130), (40, 118), (14, 124)),
        (172, 140, 100),
    ),
    (((-86, 292), (88, 292), (88, 270), (-86, 270)), (98, 74, 50)),
    (((-3, 268), (3, 268), (4, 124), (-4, 124)), (96, 74, 52)),
    (((-78, 410), (-96, 380), (-104, 280), (-80, 276), (-70, 380)), (120, 94, 66)),
    (((78, 410), (98, 390), (86, 330), (34, 352), (34, 380), (70, 372)), (182, 150, 108)),
    (((-34, 452), (34, 452), (26, 480), (-26, 480)), (86, 66, 46)),
)


def _figure(layer: Layer, x: float, foot: float, upside: bool) -> None:
    """A walker in a trench coat, from behind."""

    def at(points: Sequence[Point]) -> list[Point]:
        return [(x + dx, foot + up * 0.66 if upside else foot - up) for dx, up in points]

    for dx, lift in ((-34, 0), (30, 12)):
        leg = ((dx - 24, 200), (dx + 24, 200), (dx + 17, 30 + lift), (dx - 17, 30 + lift))
        boot = (
            (dx - 20, 36 + lift),
            (dx + 18, 36 + lift),
            (dx + 22, lift - 4),
            (dx - 26, lift - 4),
        )
        layer.polygon(at(leg), (24, 27, 36))
        layer.polygon(at(boot), (18, 16, 16))
    for outline, tone in _CLOTHES:
        layer.polygon(at(outline), tone)
    ((head_x, head_y),) = at([(0, 508)])
    layer.ellipse(head_x, head_y, 33, 40 if not upside else 27, (46, 32, 24))


def _umbrella(layer: Layer, x: float, top: float, upside: bool) -> None:
    """Eight panels between ribs that bend from the tip to the rim, seen a little from below."""
    wide, tall, sign = 310.0, 205.0, 1.0
    if upside:
        tall, sign = tall * 0.66, -1.0
    rims = np.linspace(-1, 1, 7)
    tip = (x, top)

    def rib(share: float, along: float) -> Point:
        bend = np.sin(along * np.pi / 2)
        sag = 1 - np.cos(along * np.pi / 2)
        drop = tall * (0.86 + 0.14 * (1 - share**2))
        return x + wide * np.sin(share * np.pi / 2) * bend, top + sign * drop * (
            sag * 0.92 + 0.08 * along
        )

    layer.line([(x, top - sign * 26), tip], (40, 36, 38), 6)
    for left, right in itertools.pairwise(rims):
        steps = np.linspace(0, 1, 14)
        lower = [
            (
                (1 - s) * rib(left, 1)[0] + s * rib(right, 1)[0],
                (1 - s) * rib(left, 1)[1] + s * rib(right, 1)[1] - sign * 22 * np.sin(s * np.pi),
            )
            for s in steps
        ]
        outline = [
            tip,
            *(rib(left, s) for s in steps),
            *lower,
            *(rib(right, s) for s in steps[::-1]),
        ]
        lit = 0.5 + 0.5 * np.sin((left + right) * 0.9 + 0.5)
        layer.polygon(outline, (int(118 + 110 * lit), int(14 + 26 * lit), int(20 + 24 * lit)))
        layer.line([rib(left, s) for s in steps], (90, 10, 16), 2.5)


def _rain(picture: Light, rng: Rng) -> None:
    shine(picture, weather.streaks(rng, 2600, 30, slant=0.10), "#d5e0ee", 0.10)
    shine(picture, weather.streaks(rng, 420, 85, slant=0.10, width=2), "#e4ecf5", 0.13)


def _rings(picture: Light, rng: Rng) -> None:
    """Where drops have just fallen on the water."""
    layer = Layer()
    for _ring in range(240):
        y = rng.uniform(_HORIZON + 60, HEIGHT)
        size = 3 + 20 * (y - _HORIZON) / 457
        x = rng.uniform(0, 1600)
        box = [(x + size * np.cos(a), y + 0.3 * size * np.sin(a)) for a in np.linspace(0, 6.3, 20)]
        layer.line(box, (205, 216, 230, 120), 1)
    layer.onto(picture, strength=0.6)
