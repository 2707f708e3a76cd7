"""A cock, feather by feather: every tract is a fan of strokes that overlap like tiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soundscapes.engine.scenes.noise import Rng
from soundscapes.engine.scenes.paint import Layer, Light, Point
from soundscapes.engine.scenes.trees import Shade, shade


class _Pen:
    """Draws in the bird's own measures: `size` pixels high, from its feet up, looking right."""

    def __init__(self, rng: Rng, x: float, foot: float, size: float) -> None:
        self.rng, self.layer = rng, Layer()
        self._x, self._foot, self._size = x, foot, size

    def at(self, dx: float, up: float) -> Point:
        return self._x + dx * self._size, self._foot - up * self._size

    def area(self, points: Sequence[Point], tone: Shade) -> None:
        self.layer.polygon([self.at(*point) for point in smooth(points)], tone)

    def feather(
        self, root: Point, angle: float, long: float, wide: float, tone: Shade, bend: float = 0.0
    ) -> None:
        """A lancet from its root, with a lighter edge towards the sun."""
        steps = np.linspace(0, 1, 7)
        turn = angle + bend * steps
        xs = root[0] + np.cumsum(np.cos(turn)) * long / 7
        ys = root[1] + np.cumsum(np.sin(turn)) * long / 7
        half = wide * np.sin(np.pi * np.clip(0.15 + 0.85 * steps, 0, 1)) ** 0.8
        left = [
            (float(x - h * np.sin(t)), float(y + h * np.cos(t)))
            for x, y, h, t in zip(xs, ys, half, turn, strict=True)
        ]
        right = [
            (float(x + h * np.sin(t)), float(y - h * np.cos(t)))
            for x, y, h, t in zip(xs, ys, half, turn, strict=True)
        ]
        self.layer.polygon([self.at(*p) for p in left + right[::-1]], tone)
        middle = [self.at(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
        self.layer.line(middle, shade(tone, (20, 12, 8), 0.35), 1.0)

    def tract(
        self,
        start: Sequence[Point],
        angles: tuple[float, float],
        long: float,
        wide: float,
        tones: tuple[Shade, Shade],
        count: int,
        spread: float,
        bend: float = 0.0,
    ) -> None:
        """Feathers along a line of roots, those at its end laid first: the first overlap them."""
        path = np.array(start)
        for share in np.linspace(1, 0, count):
            along = share * (len(path) - 1)
            x, y = (float(np.interp(along, range(len(path)), path[:, k])) for k in (0, 1))
            angle = angles[0] + (angles[1] - angles[0]) * share + self.rng.normal(0, 0.07)
            root = (x + self.rng.normal(0, spread), y + self.rng.normal(0, spread))
            tone = shade(tones[0], tones[1], self.rng.random() ** 1.3)
            self.feather(root, angle, long * self.rng.uniform(0.8, 1.15), wide, tone, bend)


def smooth(points: Sequence[Point], rounds: int = 3) -> list[Point]:
    """A closed outline with its corners cut (G. Chaikin, 1974)."""
    path = np.array(points, dtype=np.float64)
    for _round in range(rounds):
        after = np.roll(path, -1, axis=0)
        path = np.stack([path * 0.75 + after * 0.25, path * 0.25 + after * 0.75], axis=1).reshape(
            -1, 2
        )
    return [(float(x), float(y)) for x, y in path]


def cock(picture: Light, rng: Rng, x: float, foot: float, size: float) -> None:
    """Standing on `foot`, about one and a quarter times `size` high."""
    pen = _Pen(rng, x, foot, size)
    _tail(pen)
    _legs(pen)
    _trunk(pen)
    _wing(pen)
    _neck(pen)
    _head(pen)
    pen.layer.onto(picture)


def _tail(pen: _Pen) -> None:
    """Sickle feathers, black with a green sheen."""
    green, black = (44, 104, 86), (14, 20, 26)
    for number, share in enumerate(np.linspace(0, 1, 22)):
        angle = 2.55 - 1.0 * share + pen.rng.normal(0, 0.05)
        long = 0.62 + 0.34 * np.sin(share * np.pi) + pen.rng.normal(0, 0.03)
        tone = shade(black, green, float(pen.rng.random() * (0.4 + 0.6 * (number % 3 == 0))))
        root = (-0.27 + 0.06 * share, 0.50 + 0.10 * share)
        pen.feather(root, angle, float(long), 0.030, tone, bend=1.35 + 0.5 * share)


def _legs(pen: _Pen) -> None:
    for dx, tone in ((-0.07, (196, 148, 62)), (0.07, (226, 178, 84))):
        pen.layer.line([pen.at(dx, 0.28), pen.at(dx + 0.015, 0.14), pen.at(dx, 0.015)], tone, 13)
        for reach in (0.11, 0.07, -0.07):
            pen.layer.line([pen.at(dx, 0.02), pen.at(dx + reach, 0.006)], tone, 9)
        pen.area(
            [(dx - 0.09, 0.36), (dx + 0.09, 0.36), (dx + 0.04, 0.20), (dx - 0.02, 0.19)],
            (44, 26, 20),
        )


def _trunk(pen: _Pen) -> None:
    outline = [
        (-0.36, 0.56),
        (-0.20, 0.66),
        (0.05, 0.66),
        (0.24, 0.74),
        (0.36, 0.62),
        (0.34, 0.46),
        (0.22, 0.32),
        (0.02, 0.26),
        (-0.18, 0.30),
        (-0.32, 0.42),
    ]
    pen.area(outline, (46, 24, 18))
    for row, up in enumerate(np.linspace(0.30, 0.62, 9)):
        left, right = -0.26 + 0.02 * row, 0.26 + 0.10 * np.sin((up - 0.3) * 4.5)
        tones = ((34, 22, 20), (96, 44, 24)) if row < 6 else ((60, 28, 16), (150, 70, 26))
        pen.tract(
            [(left, up), (0.0, up - 0.03), (right, up)], (3.7, 3.9), 0.12, 0.022, tones, 24, 0.012
        )
    for row in range(4):
        pen.tract(
            [(-0.16 + 0.02 * row, 0.62 + 0.012 * row), (-0.34, 0.55)],
            (3.75, 4.1),
            0.30 - 0.03 * row,
            0.017,
            ((176, 84, 18), (255, 196, 84)),
            26,
            0.014,
            bend=0.5,
        )


def _wing(pen: _Pen) -> None:
    pen.tract(
        [(-0.26, 0.44), (0.05, 0.36)],
        (3.45, 3.3),
        0.20,
        0.024,
        ((22, 44, 44), (50, 116, 104)),
        18,
        0.008,
    )
    pen.tract(
        [(-0.20, 0.49), (0.12, 0.42)],
        (3.45, 3.35),
        0.16,
        0.024,
        ((92, 40, 18), (196, 104, 38)),
        20,
        0.010,
    )
    pen.tract(
        [(-0.14, 0.55), (0.18, 0.48)],
        (3.5, 3.4),
        0.15,
        0.024,
        ((120, 34, 14), (206, 86, 30)),
        22,
        0.012,
    )
    pen.tract(
        [(-0.06, 0.60), (0.20, 0.55)],
        (3.55, 3.45),
        0.13,
        0.022,
        ((140, 42, 14), (226, 112, 36)),
        20,
        0.012,
    )


def _neck(pen: _Pen) -> None:
    """The hackle: golden lancets that fall from the head over the shoulders."""
    pen.area(
        [
            (0.16, 0.60),
            (0.20, 0.90),
            (0.25, 1.08),
            (0.36, 1.10),
            (0.40, 0.92),
            (0.40, 0.62),
            (0.28, 0.50),
        ],
        (150, 74, 20),
    )
    for up, left, right, long in (
        (0.62, 0.08, 0.38, 0.20),
        (0.68, 0.10, 0.385, 0.21),
        (0.75, 0.13, 0.39, 0.21),
        (0.82, 0.16, 0.39, 0.20),
        (0.89, 0.19, 0.385, 0.19),
        (0.95, 0.215, 0.38, 0.17),
        (1.01, 0.235, 0.37, 0.14),
        (1.06, 0.25, 0.36, 0.11),
    ):
        tones = ((168, 78, 16), (250, 178, 62)) if up < 0.9 else ((206, 112, 24), (255, 214, 110))
        pen.tract(
            [(right, up), ((left + right) / 2, up + 0.02), (left, up)],
            (4.95, 4.1),
            long,
            0.017,
            tones,
            22,
            0.010,
        )


_COMB = (
    (0.20, 1.10),
    (0.175, 1.21),
    (0.225, 1.17),
    (0.235, 1.27),
    (0.275, 1.19),
    (0.305, 1.29),
    (0.325, 1.19),
    (0.365, 1.26),
    (0.37, 1.17),
    (0.405, 1.19),
    (0.395, 1.10),
    (0.30, 1.06),
)


def _head(pen: _Pen) -> None:
    red, dark, lit = (204, 28, 26), (142, 14, 18), (238, 72, 56)
    pen.layer.polygon([pen.at(*p) for p in smooth(_COMB, 2)], red)
    pen.layer.polygon(
        [
            pen.at(0.30 + (a - 0.30) * 0.72 + 0.012, 1.10 + (b - 1.10) * 0.72)
            for a, b in smooth(_COMB, 2)
        ],
        lit,
    )
    pen.area(
        [(0.24, 1.04), (0.26, 1.13), (0.34, 1.15), (0.41, 1.10), (0.41, 1.03), (0.33, 0.98)],
        (214, 44, 36),
    )
    pen.area(
        [(0.40, 1.10), (0.50, 1.075), (0.515, 1.05), (0.47, 1.055), (0.40, 1.05)], (236, 186, 92)
    )
    pen.area([(0.40, 1.055), (0.465, 1.05), (0.45, 1.025), (0.40, 1.03)], (198, 140, 62))
    for dx, tone in ((0.355, dark), (0.385, red)):
        pen.area(
            [
                (dx - 0.02, 1.03),
                (dx + 0.03, 1.03),
                (dx + 0.045, 0.93),
                (dx + 0.012, 0.875),
                (dx - 0.025, 0.93),
            ],
            tone,
        )
    pen.area([(0.268, 1.03), (0.295, 1.04), (0.30, 0.99), (0.275, 0.965)], (240, 224, 206))
    for radius, tone, dx in (
        (9.0, (250, 172, 60), 0.0),
        (5.2, (14, 10, 10), 0.002),
        (1.8, (255, 255, 255), 0.006),
    ):
        x, y = pen.at(0.348 + dx, 1.088 + dx)
        pen.layer.ellipse(x, y, radius, radius, tone)
