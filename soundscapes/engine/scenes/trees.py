"""Trees: conifers by tiers of boughs, broad trees by branching, foliage by many dabs.

The branching is that of P. Prusinkiewicz, A. Lindenmayer, "The Algorithmic Beauty of Plants", 1990:
an axiom (a trunk) whose every end is replaced by shorter ends, with chance in the angles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from soundscapes.engine.scenes.noise import Rng
from soundscapes.engine.scenes.paint import Layer, Point

Shade = tuple[int, int, int]


def shade(dark: Shade, light: Shade, share: float) -> Shade:
    """A colour between two."""
    red, green, blue = (
        round(a + (b - a) * min(max(share, 0.0), 1.0)) for a, b in zip(dark, light, strict=True)
    )
    return red, green, blue


def conifer(
    layer: Layer,
    rng: Rng,
    foot: Point,
    height: float,
    dark: Shade,
    light: Shade,
    *,
    side: float = 1.0,
) -> None:
    """A spruce: drooping tiers of boughs, lit from a side (1 right, -1 left)."""
    x, y = foot
    layer.polygon([(x - height * 0.012, y), (x + height * 0.012, y), (x, y - height)], fill=dark)
    tiers = max(8, int(height / 11))
    fan = 5 + int(height / 90)
    for tier in range(tiers):
        down = (tier + 0.4) / tiers
        row = y - height * (1.0 - down * 0.93)
        reach = height * 0.20 * down**0.85 * rng.uniform(0.85, 1.15)
        drop = height * 0.05 * rng.uniform(0.8, 1.4)
        for part in sorted(rng.uniform(-1, 1, fan), key=abs, reverse=True):
            lit = (0.5 + 0.5 * part * side) * rng.uniform(0.45, 1.0) * (0.55 + 0.45 * down)
            tip = (x + part * reach, row + drop * (1.5 - 0.7 * abs(part)))
            _bough(
                layer,
                (x + part * reach * 0.12, row - drop * 0.4),
                tip,
                drop,
                shade(dark, light, lit),
            )


def _bough(layer: Layer, root: Point, tip: Point, drop: float, tone: Shade) -> None:
    """A hanging branch: a lancet with a ragged lower edge."""
    dx, dy = tip[0] - root[0], tip[1] - root[1]
    over = [
        (root[0] + dx * share, root[1] + dy * share - drop * 0.30 * (1 - share))
        for share in (0.3, 0.65)
    ]
    under = [
        (
            root[0] + dx * share,
            root[1] + dy * share + drop * (0.55 if share in (0.8, 0.4) else 0.25),
        )
        for share in (0.8, 0.6, 0.4, 0.15)
    ]
    layer.polygon([root, *over, tip, *under], tone)


@dataclass(frozen=True, slots=True)
class Limb:
    """A piece of a branching tree."""

    start: Point
    end: Point
    width: float
    level: int


def branches(
    rng: Rng,
    foot: Point,
    length: float,
    *,
    width: float,
    levels: int = 7,
    spread: float = 0.45,
    lean: float = 0.0,
    shrink: float = 0.78,
) -> Iterator[Limb]:
    """The limbs of a broad tree, the trunk first."""
    ends = [(foot, -np.pi / 2 + lean, length, width)]
    for level in range(levels):
        grown = []
        for start, angle, own, thick in ends:
            bent = angle + rng.normal(0, 0.06)
            end = (start[0] + own * np.cos(bent), start[1] + own * np.sin(bent))
            yield Limb(start, end, thick, level)
            count = 3 if rng.random() < 0.3 else 2
            for fan in np.linspace(-1, 1, count):
                turn = fan * spread * rng.uniform(0.6, 1.35)
                grown.append((end, bent + turn, own * shrink * rng.uniform(0.8, 1.1), thick * 0.66))
        ends = grown


def broad_tree(
    layer: Layer,
    rng: Rng,
    foot: Point,
    height: float,
    bark: Shade,
    dark: Shade,
    light: Shade,
    *,
    sun: Point = (0.5, -0.85),
    leaves: int = 700,
    levels: int = 6,
    spread: float = 0.45,
) -> None:
    """A tree in leaf: dabs around the outer ends, lighter the nearer they are to the sun."""
    limbs = list(
        branches(rng, foot, height * 0.27, width=height * 0.045, levels=levels, spread=spread)
    )
    for limb in limbs:
        layer.line([limb.start, limb.end], fill=bark, width=limb.width)
    ends = np.array([limb.end for limb in limbs if limb.level >= 2])
    clumps = ends[rng.integers(0, len(ends), max(10, leaves // 24))]
    count = int(leaves * 1.7)
    foliage(layer, rng, clumps, height * 0.095, dark, light, sun=sun, leaves=count, leaf=0.16)


def foliage(
    layer: Layer,
    rng: Rng,
    clumps: np.ndarray,
    radius: float,
    dark: Shade,
    light: Shade,
    *,
    sun: Point = (0.5, -0.85),
    leaves: int = 700,
    leaf: float = 0.22,
) -> None:
    """Dabs in round clumps: each clump is lit like a ball, and so is the crown of all of them."""
    middle, reach = clumps.mean(axis=0), clumps.std(axis=0) + radius
    whole = ((clumps - middle) / reach) @ np.array(sun)
    which = rng.integers(0, len(clumps), leaves)
    turn, far = rng.uniform(0, 2 * np.pi, leaves), np.sqrt(rng.random(leaves))
    around = np.stack([np.cos(turn), np.sin(turn)], axis=1) * far[:, None]
    places = clumps[which] + around * radius
    lit = 0.45 + 0.22 * whole[which] + 0.3 * (around @ np.array(sun))
    lit += rng.normal(0, 0.09, leaves)
    for index in np.argsort(whole[which] + around @ np.array(sun) * 0.8):
        x, y = places[index]
        size = radius * leaf * rng.uniform(0.6, 1.4)
        tone = shade(dark, light, float(lit[index]))
        layer.ellipse(x, y, size, size * rng.uniform(0.5, 1.0), tone)
