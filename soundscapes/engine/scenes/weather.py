"""What the air holds: rain, lightning, mist, sparks."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from soundscapes.engine.scenes.noise import Rng
from soundscapes.engine.scenes.paint import (
    FINER,
    HEIGHT,
    WIDTH,
    Light,
    Mask,
    Point,
    blur,
    from_bytes,
    shine,
)


def streaks(rng: Rng, count: int, length: float, *, slant: float = 0.12, width: int = 1) -> Mask:
    """Falling drops as a shutter of a sixtieth of a second sees them: lines, some nearer."""
    image = Image.new("L", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    x, y = rng.uniform(-100, WIDTH + 100, count), rng.uniform(-100, HEIGHT, count)
    long = length * rng.uniform(0.5, 1.5, count)
    for left, top, size, power in zip(x, y, long, rng.integers(40, 200, count), strict=True):
        end = (left + slant * size, top + size)
        draw.line([(left, top), end], fill=int(power), width=width)
    return from_bytes(image)


def bolt(
    rng: Rng, start: Point, end: Point, *, spread: float = 0.22, forks: int = 6
) -> list[list[Point]]:
    """A lightning's main stroke and its branches, each by midpoint displacement."""
    main = _crooked(rng, start, end, spread, 7)
    strokes = [main]
    for _fork in range(forks):
        at = int(rng.integers(len(main) // 6, len(main) * 3 // 4))
        x, y = main[at]
        reach = (end[1] - y) * rng.uniform(0.3, 0.65)
        tip = (x + reach * rng.choice([-1, 1]) * rng.uniform(0.3, 0.8), y + reach)
        strokes.append(_crooked(rng, (x, y), tip, spread, 5))
    return strokes


def _crooked(rng: Rng, start: Point, end: Point, spread: float, levels: int) -> list[Point]:
    points = np.array([start, end], dtype=np.float64)
    size = float(np.hypot(*(points[1] - points[0]))) * spread
    for _level in range(levels):
        middles = (points[:-1] + points[1:]) / 2
        middles[:, 0] += rng.uniform(-0.5, 0.5, len(middles)) * size
        middles[:, 1] += rng.uniform(-0.2, 0.2, len(middles)) * size
        finer = np.empty((len(points) + len(middles), 2))
        finer[0::2], finer[1::2] = points, middles
        points, size = finer, size * 0.52
    return [(float(x), float(y)) for x, y in points]


def flash(picture: Light, strokes: list[list[Point]], code: str = "#cfd8ff") -> None:
    """Add a lightning and the light it throws on the air."""
    image = Image.new("L", (WIDTH * FINER, HEIGHT * FINER))
    draw = ImageDraw.Draw(image)
    for number, stroke in enumerate(strokes):
        points = [(x * FINER, y * FINER) for x, y in stroke]
        draw.line(points, fill=255 if number == 0 else 150, width=7 if number == 0 else 3)
    core = from_bytes(image.reduce(FINER))
    shine(picture, core, "#ffffff", 2.5)
    shine(picture, blur(core, 7), code, 2.2)
    shine(picture, blur(core, 40), code, 3.0)
    shine(picture, blur(core, 150), code, 5.0)


def embers(rng: Rng, picture: Light, middle: Point, height: float, count: int) -> None:
    """Sparks that rise from a fire, redder and fewer the higher they are."""
    image = Image.new("L", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    for _spark in range(count):
        up = rng.random() ** 1.6
        x = middle[0] + rng.normal(0, 30 + 150 * up)
        y = middle[1] - up * height
        size = rng.uniform(0.6, 2.2) * (1.1 - 0.6 * up)
        tail = rng.uniform(0, 7)
        draw.line([(x, y), (x + rng.normal(0, 3), y + tail)], fill=255, width=max(1, round(size)))
    mask = from_bytes(image)
    shine(picture, mask, "#ffb050", 2.0)
    shine(picture, blur(mask, 5), "#ff7a20", 3.0)
