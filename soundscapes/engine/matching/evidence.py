"""Place of the evidence for a category in a photo."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundscapes.engine.matching.vectors import Vectors

LEVELS = 15  # a hexadecimal digit for each place
ROWS_END = "/"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Centre of gravity of evidence, and the evidence itself.

    `x` runs from left (-1) to right (1), `y` from top (-1) to bottom (1). `extent` is the share of
    the photo that shows the evidence, above 0 to 1. `grid` has one hexadecimal digit for each place
    and a slash between rows.
    """

    x: float
    y: float
    extent: float
    grid: str


def evidence(scores: Vectors, spread: float, grid: tuple[int, int]) -> Evidence:
    """Weight a category's scores at the places (n) by their lead in units of `spread`.

    The extent is the participation ratio of the weights.
    """
    weights = np.exp((scores - scores.max()) / spread)
    shares = weights / weights.sum()
    table = shares.reshape(grid)
    return Evidence(
        x=_centre(table.sum(axis=0)),
        y=_centre(table.sum(axis=1)),
        extent=min(1.0, float(1.0 / (len(shares) * (shares**2).sum()))),
        grid=_digits(weights.reshape(grid)),
    )


def levels(grid: str) -> list[list[float]]:
    """Return the rows of an evidence grid, 0 to 1; [] for an empty one."""
    return [[int(digit, 16) / LEVELS for digit in row] for row in grid.split(ROWS_END) if row]


def peak(grid: str) -> tuple[float, float] | None:
    """Return the strongest evidence's place, 0 to 1 from left and from top; None without a grid.

    Neighbours of the strongest place pull at it. Unlike a centre of gravity, it lies on evidence.
    """
    rows = np.array(levels(grid))
    if not rows.size:
        return None
    row, column = divmod(int(rows.argmax()), rows.shape[1])
    top, left = max(0, row - 1), max(0, column - 1)
    near = rows[top : row + 2, left : column + 2]
    ys, xs = np.indices(near.shape)
    y, x = ((near * places).sum() / near.sum() + 0.5 for places in (ys + top, xs + left))
    return float(x / rows.shape[1]), float(y / rows.shape[0])


def _centre(shares: Vectors) -> float:
    return min(1.0, max(-1.0, float(shares @ _places(len(shares)))))


@cache
def _places(count: int) -> NDArray[np.float64]:
    return np.linspace(-1.0, 1.0, count) if count > 1 else np.zeros(1)


def _digits(weights: Vectors) -> str:
    places = np.rint(weights.astype(np.float64) * LEVELS).astype(np.intp)
    return ROWS_END.join(_DIGITS[row].tobytes().decode() for row in places)


_DIGITS = np.frombuffer(b"0123456789abcdef", dtype="S1")
