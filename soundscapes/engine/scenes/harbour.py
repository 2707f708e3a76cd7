"""A small harbour in the morning."""

from __future__ import annotations

import itertools

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import paint, sky, solids, water
from soundscapes.engine.scenes.noise import Rng, fbm, ridge_line
from soundscapes.engine.scenes.paint import (
    COLUMNS,
    HEIGHT,
    ROWS,
    Layer,
    Light,
    Mask,
    lay,
    smoothstep,
)

_HORIZON = 540.0
_WALLS = (
    (222, 206, 184),
    (236, 224, 204),
    (206, 178, 150),
    (228, 196, 168),
    (190, 170, 158),
)
_TILES = (150, 92, 74)


def harbour(rng: Rng) -> Image.Image:
    """Sailing boats at their moorings, a mole with its light, the sun behind haze."""
    picture = sky.clear_sky(
        _HORIZON, [(0.0, "#4a7fb5"), (0.4, "#9fc0d6"), (0.75, "#f2dcc0"), (1.0, "#ffd09a")]
    )
    clouds = sky.cloud_plane(rng, _HORIZON + 6, scale=0.8, stretch=1.8)
    sky.lit_clouds(
        picture,
        clouds,
        sun=(420, 420),
        cover=(0.2, 1.8),
        dark="#a6acc4",
        bright="#fff0d8",
        opacity=0.85,
    )
    sky.sun_glow(picture, 420, 440, "#ffd9a0", 0.5, 60)
    _shores(picture, rng)
    _mole(picture, rng)
    heights = water.waves(rng, _HORIZON, 0.9, stretch=3.2)
    sea = water.reflect(
        picture, _HORIZON, heights, ripple=70, body="#0f4a5c", body_far="#5f8ea3", clear=0.5
    )
    lay(picture, smoothstep(_HORIZON - 0.5, _HORIZON + 0.5, ROWS + 0 * COLUMNS), sea)
    for x, row, size, hull, mirrored in (
        (1010, 585, 0.42, (236, 232, 222), False),
        (700, 600, 0.5, (46, 84, 120), True),
        (1230, 628, 0.66, (168, 52, 44), True),
        (300, 668, 0.85, (240, 236, 226), False),
        (880, 760, 1.35, (30, 70, 110), False),
    ):  # fmt: skip
        _boat(picture, heights, x, row, size, hull, mirrored)
    _jetty(picture, rng)
    paint.bloom(picture, 0.9, 26, 0.35)
    return paint.finish(picture, rng, exposure=1.02, vignette=0.25)


def _shores(picture: Light, rng: Rng) -> None:
    for height, tone, start, end in ((70, "#b9b4bd", 300, 1700), (110, "#8d97a6", 760, 2100)):
        x = np.arange(1600)
        swell = np.clip((x - start) / (end - start), 0, 1) ** 0.7
        line = ridge_line(rng, _HORIZON, 60, roughness=0.5) - height * swell - 14
        lay(picture, paint.below(np.minimum(line, _HORIZON + 2)) * (start < COLUMNS), tone)
    layer = Layer()
    for left in range(1120, 1600, 24):
        _house(layer, rng, left, _HORIZON - (left - 1100) * 0.05 * rng.random())
    layer.onto(picture, blurred=0.8)


def _house(layer: Layer, rng: Rng, x: float, foot: float) -> None:
    wide, tall = rng.uniform(22, 40), rng.uniform(22, 52)
    layer.rectangle(x, foot - tall, x + wide, _HORIZON + 2, _WALLS[int(rng.integers(len(_WALLS)))])
    eaves = foot - tall
    layer.polygon([(x - 3, eaves), (x + wide + 3, eaves), (x + wide / 2, eaves - 15)], _TILES)
    for left in range(int(x) + 5, int(x + wide) - 5, 9):
        for top in range(int(eaves) + 8, int(_HORIZON) - 6, 14):
            layer.rectangle(left, top, left + 3.5, top + 6, (88, 86, 92))


def _mole(picture: Light, rng: Rng) -> None:
    """A wall of rough stones that ends in a lighthouse."""
    layer = Layer()
    layer.polygon([(-10, 512), (500, 524), (560, 542), (-10, 548)], (112, 104, 98))
    for _stone in range(380):
        x = rng.uniform(-10, 545)
        y = 543 - rng.random() * (28 - x * 0.022)
        tone = int(rng.uniform(70, 150))
        layer.ellipse(
            x, y, rng.uniform(4, 10), rng.uniform(3, 6), (tone, int(tone * 0.94), int(tone * 0.88))
        )
    layer.onto(picture)
    _lighthouse(picture, 505.0, 527.0)


def _lighthouse(picture: Light, x: float, foot: float) -> None:
    """White, with red rings, and a lamp behind glass."""
    tower = [(348, 19), (348.1, 19), (foot, 31)]
    bands = np.where((np.floor((ROWS - 348) / 45) % 2) > 0, 0.55, 1.0) + 0 * COLUMNS
    solids.turned(picture, x, tower, "#f4efe6", tilt=0.0, gloss=0.1, ambient=0.45)
    red = (
        (bands < 1)
        * smoothstep(347, 349, ROWS)
        * smoothstep(foot, foot - 2, ROWS)
        * np.clip(18.6 + (ROWS - 348) * 0.0672 - np.abs(COLUMNS - x) + 0.5, 0, 1)
    )
    shade_ = (0.55 + 0.5 * smoothstep(30, -30, COLUMNS - x))[:, :, None] * np.ones((HEIGHT, 1, 1))
    lay(picture, red.astype(np.float32), (paint.colour("#b8352b") * shade_).astype(np.float32))
    top = Layer()
    top.rectangle(x - 25, 341, x + 25, 349, (60, 58, 62))
    top.rectangle(x - 13, 310, x + 13, 341, (255, 236, 190))
    for bar in (-13, -4, 4, 12):
        top.rectangle(x + bar - 1, 310, x + bar + 1, 341, (70, 60, 60))
    top.polygon([(x - 19, 311), (x + 19, 311), (x, 284)], (150, 44, 36))
    top.line([(x, 286), (x, 268)], (60, 50, 50), 2)
    top.onto(picture)


def _mirror(picture: Light, layer: Layer, row: float, heights: Mask, strength: float) -> None:
    """What stands on the water at a row once more, upside down and broken by the waves."""
    light, mask = layer.light(1.0)
    reach = np.flatnonzero(mask.any(axis=0))
    top, left, right = int(row) - 2, max(int(reach[0]) - 60, 0), int(reach[-1]) + 60
    part, down = picture[top:, left:right], ROWS[top:]
    push = heights[top:, left:right] * (3 + 0.02 * (down - row))
    rows = np.clip(2 * row - down + push * 3, 0, HEIGHT - 1).astype(np.int32)
    columns = np.clip(COLUMNS[:, left:right] + push * 2.2, 0, 1599).astype(np.int32)
    fade = smoothstep(row - 1, row + 1, down) * np.clip(1 - (down - row) / 620, 0, 1) * strength
    part += (light[rows, columns] * np.float32(0.85) - part) * (mask[rows, columns] * fade)[
        :, :, None
    ]


def _boat(
    picture: Light,
    heights: Mask,
    x: float,
    row: float,
    size: float,
    hull: tuple[int, int, int],
    mirrored: bool,
) -> None:
    layer = Layer()
    turn = -1 if mirrored else 1

    def at(dx: float, up: float) -> paint.Point:
        return x + turn * dx * size, row - up * size

    deck = [(-150, 46), (-90, 38), (0, 34), (90, 42), (172, 62)]
    keel = [(150, 18), (118, -6), (-128, -6), (-146, 14)]
    layer.polygon([at(*p) for p in deck + keel], hull)
    dark = tuple(int(c * 0.62) for c in hull)
    layer.polygon(
        [at(150, 18), at(118, -6), at(-128, -6), at(-146, 14), at(-60, 8), at(60, 8)], dark
    )
    layer.line([at(dx, up - 9) for dx, up in deck], (214, 178, 110), 3.2 * size)
    layer.polygon([at(-70, 38), at(-62, 64), at(40, 66), at(66, 40)], (240, 234, 222))
    layer.polygon([at(-52, 46), at(-48, 57), at(34, 59), at(44, 48)], (52, 66, 82))
    layer.line([at(14, 36), at(14, 470)], (226, 208, 176), 7 * size)
    layer.line([at(10, 92), at(-138, 84)], (208, 186, 150), 6 * size)
    layer.polygon(
        [at(8, 116), at(-40, 112), at(-134, 94), at(-134, 86), at(8, 92)], (232, 222, 200)
    )
    layer.line([at(8, 104), at(-134, 90)], (188, 172, 148), 2 * size)
    for end in ((170, 62), (-148, 46)):
        layer.line([at(14, 466), at(*end)], (90, 88, 90), max(1.0, 1.4 * size))
    layer.line([at(14, 300), at(-22, 296)], (200, 180, 150), 3 * size)
    layer.line([at(14, 300), at(50, 296)], (200, 180, 150), 3 * size)
    layer.polygon([at(14, 470), at(14, 448), at(-24, 460)], (196, 60, 50))
    _mirror(picture, layer, row + 2 * size, heights, 0.75)
    layer.onto(picture)


_FAR = ((1130.0, 742.0), (1200.0, 742.0))
_NEAR = ((1020.0, 1090.0), (1640.0, 1090.0))


def _edge(side: int, share: float) -> paint.Point:
    """A point on the jetty's left (0) or right (1) edge, from the eye (0) to its end (1)."""
    (near_x, near_y), (far_x, far_y) = _NEAR[side], _FAR[side]
    return near_x + (far_x - near_x) * share, near_y + (far_y - near_y) * share


def _jetty(picture: Light, rng: Rng) -> None:
    """Planks that lead from the lower right corner out on the water."""
    layer, posts = Layer(), Layer()
    steps = 1 - np.geomspace(1, 0.07, 30)
    steps = (steps - steps[0]) / (steps[-1] - steps[0])
    for a, b in itertools.pairwise(steps.tolist()):
        start = a + (b - a) * 0.08
        tone = int(rng.uniform(118, 168))
        quad = [_edge(0, start), _edge(0, b), _edge(1, b), _edge(1, start)]
        layer.polygon(quad, (tone, int(tone * 0.84), int(tone * 0.68)))
    for share, wide in ((0.0, 34), (0.5, 24), (0.76, 16), (0.9, 11), (0.99, 8)):
        for side in (0, 1):
            _post(posts, *_edge(side, share), wide)
    light, mask = layer.light()
    shadow = np.clip(np.roll(paint.blur(mask, 14), 26, axis=0), 0, 1)
    lay(picture, shadow * 0.6 * (ROWS > 600), "#082028")
    grain = 1 + 0.22 * fbm(rng, 26, octaves=5, stretch=3.0)[:, :, None]
    lay(picture, mask, (light * grain).astype(np.float32))
    posts.onto(picture)


def _post(posts: Layer, x: float, y: float, wide: float) -> None:
    for strip in np.linspace(-0.5, 0.5, 7).tolist():
        tone = int(70 + 90 * (0.5 - strip))
        middle = x + strip * wide
        shade = (tone, int(tone * 0.82), int(tone * 0.66))
        posts.rectangle(
            middle - wide / 12, y - wide * 3.4, middle + wide / 12, y + wide * 2.6, shade
        )
    posts.ellipse(x, y - wide * 3.4, wide * 0.55, wide * 0.2, (196, 170, 138))
