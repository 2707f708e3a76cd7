"""A robin in a beech wood."""

from __future__ import annotations

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import paint, trees
from soundscapes.engine.scenes.noise import Rng, fbm
from soundscapes.engine.scenes.paint import (
    COLUMNS,
    ROWS,
    Layer,
    Light,
    Mask,
    colour,
    lay,
    shine,
    smoothstep,
)


def forest(rng: Rng) -> Image.Image:
    """Morning light falls through the trees; a robin sings on a branch."""
    picture = paint.vertical(
        0,
        1067,
        [
            (0.0, "#8fb765"),
            (0.33, "#e9efae"),
            (0.62, "#d3df8c"),
            (0.75, "#7f9646"),
            (1.0, "#33461f"),
        ],
    )
    picture *= (0.55 + 0.75 * paint.glow(620, 330, 560, 1.2))[:, :, None]
    _floor(picture, rng)
    for depth in range(4):
        _stand(picture, rng, depth)
        _undergrowth(picture, rng, depth)
    picture = paint.soften(picture, 5)
    _beams(picture, rng)
    _near(picture, rng)
    _branch(picture, rng)
    _robin(picture, rng, 1070.0, 560.0, 330.0)
    paint.bloom(picture, 0.85, 40, 0.35)
    return paint.finish(picture, rng, exposure=1.0, vignette=0.35)


def _floor(picture: Light, rng: Rng) -> None:
    leaf = fbm(rng, 40, octaves=6, stretch=3.5)
    spots = smoothstep(0.3, 1.4, fbm(rng, 150, octaves=3, stretch=4))
    tone = 0.42 + 0.16 * leaf + 0.4 * spots
    ground = paint.gradient(tone, [(0.0, "#2f2a14"), (0.5, "#76692c"), (1.0, "#d8cf70")])
    path = np.abs(COLUMNS - 640 - (ROWS - 720) * 0.25 - 40 * np.sin(ROWS / 70)) / (
        20 + np.clip(ROWS - 690, 0, None) * 0.5
    )
    lay(ground, smoothstep(1.1, 0.7, path + 0.15 * leaf) * 0.75, "#cbb382")
    lay(picture, smoothstep(690, 740, ROWS + 14 * leaf), ground)


def _stand(picture: Light, rng: Rng, depth: int) -> None:
    """One row of trees, the nearer the darker; the far ones drown in lit air."""
    near = depth / 3
    layer = Layer(1)
    bark = trees.shade((176, 186, 120), (52, 48, 34), near**0.8)
    for x in rng.uniform(-40, 1640, (26, 18, 11, 6)[depth]):
        if depth >= 2 and abs(x - 640) < 200 + 100 * depth:
            continue
        wide = (9, 17, 32, 62)[depth] * rng.uniform(0.7, 1.25)
        foot = (715, 745, 790, 870)[depth] + rng.uniform(-10, 14)
        lean = rng.normal(0, 18)
        _trunk(layer, x, foot, wide, lean, bark)
    dark = trees.shade((168, 190, 92), (38, 58, 20), near)
    light = trees.shade((238, 242, 150), (170, 190, 62), near)
    count = (60, 54, 44, 34)[depth]
    clumps = np.stack(
        [rng.uniform(-40, 1640, count), rng.normal(60 + 30 * (3 - depth), 110, count)], axis=1
    )
    clumps = clumps[np.hypot((clumps[:, 0] - 620) / 420, (clumps[:, 1] - 330) / 260) > 0.8]
    trees.foliage(
        layer, rng, clumps, 62 + 14 * depth, dark, light, sun=(-0.2, 0.5), leaves=1500, leaf=0.16
    )
    layer.onto(picture)
    haze = (0.26, 0.18, 0.09, 0.0)[depth]
    lay(picture, paint.glow(620, 420, 620, 1.0) * np.float32(haze), "#f7f4bd")


def _trunk(
    layer: Layer, x: float, foot: float, wide: float, lean: float, bark: trees.Shade
) -> None:
    """A stem, with light along the edge that looks into the clearing."""
    inner = wide if x < 620 else -wide
    for left, right, tone in (
        (-wide, wide, bark),
        (inner * 0.55, inner, trees.shade(bark, (236, 228, 150), 0.5)),
    ):
        layer.polygon(
            [
                (x + left * 0.75, foot),
                (x + right * 0.75, foot),
                (x + right * 0.42 + lean, -20),
                (x + left * 0.42 + lean, -20),
            ],
            tone,
        )


def _undergrowth(picture: Light, rng: Rng, depth: int) -> None:
    """Ferns and saplings at the feet of a row of trees, open where the path is."""
    near = depth / 3
    layer = Layer(1)
    row = (722, 752, 800, 885)[depth]
    count = (60, 46, 34, 26)[depth]
    clumps = np.stack(
        [rng.uniform(-40, 1640, count), rng.normal(row, 10 + 16 * near, count)], axis=1
    )
    clumps = clumps[np.abs(clumps[:, 0] - 640 - 30 * depth) > 60 + 75 * depth]
    dark = trees.shade((150, 170, 84), (24, 44, 16), near)
    light = trees.shade((226, 232, 130), (136, 166, 58), near)
    trees.foliage(
        layer, rng, clumps, 20 + 34 * near, dark, light, sun=(-0.2, -0.8), leaves=900, leaf=0.2
    )
    layer.onto(picture)


def _beams(picture: Light, rng: Rng) -> None:
    """Light that dust makes visible, fanned out from a gap in the leaves."""
    angle = np.arctan2(COLUMNS - 560, ROWS + 260)
    table = np.convolve(rng.random(700), np.hanning(15) / 7.0, mode="same")
    bands = np.interp(angle, np.linspace(-1.2, 1.2, 700), table)
    mask = (
        smoothstep(0.5, 0.85, bands.astype(np.float32))
        * smoothstep(980, 250, ROWS)
        * paint.glow(620, 380, 560, 1.3)
    )
    shine(picture, mask, "#fff6b5", 0.42)


def _near(picture: Light, rng: Rng) -> None:
    """Leaves close to the lens, out of focus, frame the view."""
    layer = Layer(1)
    clumps = np.array(
        [
            (-10, 60),
            (90, 10),
            (40, 190),
            (1560, 40),
            (1620, 170),
            (1500, -20),
            (1590, 960),
            (30, 1010),
            (120, 1060),
        ],
        dtype=float,
    )
    trees.foliage(layer, rng, clumps, 120, (22, 34, 10), (96, 126, 38), leaves=420, leaf=0.30)
    layer.onto(picture, blurred=12)


def _branch(picture: Light, rng: Rng) -> None:
    layer = Layer()
    points = [
        (1640, 560),
        (1480, 640),
        (1300, 700),
        (1130, 722),
        (960, 742),
        (800, 726),
        (700, 742),
    ]
    xs, ys = (np.array(v, dtype=float) for v in zip(*points, strict=True))
    along = np.linspace(0, 1, 260)
    px, py = np.interp(along, np.linspace(0, 1, 7), xs), np.interp(along, np.linspace(0, 1, 7), ys)
    py = np.convolve(np.pad(py, 20, mode="edge"), np.ones(41) / 41, mode="valid")
    for step in range(14):
        share = step / 13
        wide = 30 * (1 - along) + 7
        tone = trees.shade((142, 122, 66), (34, 26, 16), share**0.8)
        rows = py + (share - 0.5) * 2 * wide + rng.normal(0, 0.9, 260)
        layer.line(list(zip(px, rows, strict=True)), tone, 6)
    for _moss in range(900):
        k = int(rng.integers(0, 200))
        wide = 30 * (1 - along[k]) + 7
        tone = trees.shade((60, 74, 20), (186, 194, 78), rng.random())
        layer.ellipse(
            px[k] + rng.normal(0, 6),
            py[k] - wide * rng.uniform(0.35, 1.15),
            rng.uniform(2, 6),
            rng.uniform(2, 5),
            tone,
        )
    for x, y, dx, dy in ((860, 735, -60, -90), (760, 733, -80, 60), (1400, 668, -50, 120)):
        layer.line([(x, y), (x + dx * 0.6, y + dy * 0.5), (x + dx, y + dy)], (60, 48, 30), 5)
        ends = np.array(
            [(x + dx, y + dy), (x + dx * 0.7, y + dy * 0.9), (x + dx * 1.2, y + dy * 0.8)]
        )
        trees.foliage(layer, rng, ends, 34, (64, 92, 22), (196, 210, 84), leaves=26, leaf=0.5)
    layer.onto(picture)


def _robin(picture: Light, rng: Rng, x: float, y: float, size: float) -> None:
    """A European robin, looking left: soft masks for its plumage, noise for its feathers."""
    left, top, side = int(x - size * 0.75), int(y - size * 0.75), int(size * 1.5)
    part = picture[top : top + side, left : left + side]
    u, v = (COLUMNS[:, left : left + side] - x) / size, (ROWS[top : top + side] - y) / size
    feather = fbm(rng, 12, octaves=4, size=(side, side))
    tail = _quill(u, v, (0.16, 0.20), (0.50, 0.56), 0.058, size)
    _tint(part, tail, "#5a4a36", 0.9 + 0.15 * feather)
    _plumage(part, u, v, feather, size)
    beak = _quill(u, v, (-0.325, -0.235), (-0.425, -0.225), 0.026, size)
    _tint(part, beak, "#2f2822", 0.8 + 0 * feather)
    for ex, ey, radius, code, power in (
        (-0.235, -0.262, 0.030, "#0c0908", 1.0),
        (-0.243, -0.271, 0.009, "#ffffff", 1.3),
    ):
        eye = np.clip((radius - np.hypot(u - ex, v - ey)) * size + 0.5, 0, 1)
        _tint(part, eye, code, power + 0 * feather)
    _legs(picture, x, y, size)


def _plumage(part: Light, u: Mask, v: Mask, feather: Mask, size: float) -> None:
    """Brown above, orange from the brow to the breast, pale below, the wing over it all."""
    fluff = feather * 0.005
    body = _oval(u + fluff, v + fluff, (0.0, 0.06), (0.34, 0.255), 0.95, size)
    head = _oval(u + fluff, v - fluff, (-0.17, -0.235), (0.178, 0.168), 0.0, size)
    shape = np.maximum(body, head)
    light = np.clip(0.82 - 0.95 * (u * 0.55 + v * 0.80) + 0.10 * feather, 0.26, 1.45)
    _tint(part, shape, "#7f6c4c", light)
    belly = shape * smoothstep(1.15, 0.6, np.hypot((u + 0.02) / 0.24, (v - 0.26) / 0.17))
    _tint(part, belly, "#e9e3d2", light * 1.05)
    breast = np.maximum(
        smoothstep(1.1, 0.78, np.hypot((u + 0.20) / 0.19, (v + 0.03) / 0.235) + 0.08 * feather),
        smoothstep(1.1, 0.8, np.hypot((u + 0.27) / 0.115, (v + 0.225) / 0.125) + 0.06 * feather),
    )
    _tint(part, shape * breast, "#e2691c", light * 1.1)
    wing = _oval(u, v, (0.115, 0.10), (0.285, 0.125), 0.88, size)
    waves = np.sin((u * 0.64 - v * 0.77) * 95 + 2 * np.sin((u + v) * 9))
    bars = 0.85 + 0.16 * waves * smoothstep(-0.05, 0.2, u + v)
    _tint(part, wing, "#66553a", light * 1.15 * bars + 0.05 * feather)


def _legs(picture: Light, x: float, y: float, size: float) -> None:
    legs, tone = Layer(), (74, 50, 34)
    for dx in (-0.01, 0.09):
        hip, foot = (x + dx * size, y + 0.28 * size), (x + (dx - 0.02) * size, 722.0)
        legs.line([hip, (x + (dx + 0.02) * size, y + 0.40 * size), foot], tone, 6)
        for toe in (-24, -10, 16):
            legs.line([foot, (foot[0] + toe, foot[1] + 7)], tone, 5)
    legs.onto(picture)


def _oval(
    u: Mask,
    v: Mask,
    middle: tuple[float, float],
    radii: tuple[float, float],
    turn: float,
    size: float,
) -> Mask:
    du, dv = u - middle[0], v - middle[1]
    along, over = du * np.cos(turn) + dv * np.sin(turn), dv * np.cos(turn) - du * np.sin(turn)
    inside: Mask = np.clip(
        (1 - np.hypot(along / radii[0], over / radii[1])) * radii[1] * size * 0.16 + 0.3, 0, 1
    )
    return inside


def _quill(
    u: Mask, v: Mask, start: tuple[float, float], end: tuple[float, float], wide: float, size: float
) -> Mask:
    """A bar from one point to another that narrows a little."""
    du, dv = end[0] - start[0], end[1] - start[1]
    length = np.hypot(du, dv)
    along = ((u - start[0]) * du + (v - start[1]) * dv) / length**2
    over = np.abs((v - start[1]) * du - (u - start[0]) * dv) / length
    width = wide * (1.15 - 0.75 * np.clip(along, 0, 1) ** 2)
    bar: Mask = (
        np.clip((width - over) * size * 0.6, 0, 1)
        * smoothstep(-0.1, 0.05, along)
        * smoothstep(1.04, 0.98, along)
    )
    return bar


def _tint(part: Light, mask: Mask, code: str, tone: Mask) -> None:
    part += (colour(code) * tone[:, :, None] - part) * mask[:, :, None]
