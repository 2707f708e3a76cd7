"""Round things: bodies of revolution lit from a side, for bottles, boilers, bales and bells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soundscapes.engine.scenes.paint import COLUMNS, HEIGHT, ROWS, WIDTH, Light, Mask, colour

LAMP = (-0.62, -0.50, 0.60)  # from the upper left, towards the eye


def spline(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A smooth profile (row, radius) through a few points: E. Catmull and R. Rom's, 1974."""
    path = np.array([points[0], *points, points[-1]], dtype=np.float64)
    share = np.linspace(0, 1, 12, endpoint=False)[:, None]
    pieces = [
        0.5
        * (
            2 * p1
            + (p2 - p0) * share
            + (2 * p0 - 5 * p1 + 4 * p2 - p3) * share**2
            + (3 * p1 - p0 - 3 * p2 + p3) * share**3
        )
        for p0, p1, p2, p3 in zip(path, path[1:], path[2:], path[3:], strict=False)
    ]
    curve = np.concatenate(pieces)
    rows = np.maximum.accumulate(curve[:, 0]) + np.arange(len(curve)) * 1e-3
    return list(zip(rows.tolist(), curve[:, 1].clip(0.5).tolist(), strict=True))


def turned(
    picture: Light,
    x: float,
    profile: Sequence[tuple[float, float]],
    code: str,
    *,
    tilt: float = 0.18,
    gloss: float = 0.5,
    ambient: float = 0.28,
    lamp: tuple[float, float, float] = LAMP,
    lamp_code: str = "#ffffff",
    texture: Mask | None = None,
) -> None:
    """Paint what a lathe turns: around the column `x`, radii at rows, from the top down.

    `tilt` is the sine of the angle at which it is seen from above. Light is Lambert's with a wide
    terminator, plus J. Blinn's highlight (1977) and a brighter rim (Schlick, 1994).
    """
    heights = np.array([row for row, _radius in profile])
    radii = np.array([radius for _row, radius in profile])
    reach = radii.max()
    left, right = int(max(x - reach - 2, 0)), int(min(x + reach + 3, WIDTH))
    top, bottom = int(max(heights[0] - 2, 0)), int(min(heights[-1] + tilt * reach + 4, HEIGHT))
    across, rows = COLUMNS[:, left:right] - x, ROWS[top:bottom] + 0 * COLUMNS[:, left:right]
    row = rows
    for _turn in range(4):
        radius = np.maximum(np.interp(row, heights, radii), 1e-3)
        deep = np.sqrt(np.clip(1 - (across / radius) ** 2, 0, 1))
        row = rows - tilt * radius * deep
    radius = np.maximum(np.interp(row, heights, radii), 1e-3)
    slope = np.interp(row, heights, np.gradient(radii, heights))
    mask = np.clip(radius - np.abs(across) + 0.5, 0, 1)
    mask *= np.clip(row - heights[0] + 0.5, 0, 1) * np.clip(heights[-1] - row + 0.5, 0, 1)
    normal = _normals(np.clip(across / radius, -1, 1), slope)
    shown = _shaded(normal, code, gloss, ambient, lamp, lamp_code)
    if texture is not None:
        shown = shown * texture[top:bottom, left:right, None]
    part = picture[top:bottom, left:right]
    part += ((shown - part) * mask[:, :, None]).astype(np.float32)


def _normals(sideways: Mask, slope: Mask) -> Light:
    """Unit vectors (3, height, width) that stand on the surface."""
    normal = np.stack([sideways, -slope, np.sqrt(1 - sideways**2)])
    unit: Light = normal / np.linalg.norm(normal, axis=0)
    return unit


def _shaded(
    normal: Light,
    code: str,
    gloss: float,
    ambient: float,
    lamp: tuple[float, float, float],
    lamp_code: str,
) -> Light:
    to_lamp = np.array(lamp) / np.linalg.norm(lamp)
    half = to_lamp + np.array((0.0, 0.0, 1.0))
    half /= np.linalg.norm(half)
    cosine = np.tensordot(to_lamp, normal, axes=1)
    diffuse = np.clip((cosine + 0.25) / 1.25, 0, 1)
    spark = np.clip(np.tensordot(half, normal, axes=1), 0, 1) ** 60 * gloss * 1.6
    rim = (1 - np.clip(normal[2], 0, 1)) ** 4 * gloss * 0.35
    base, light = colour(code), colour(lamp_code)
    shown: Light = (
        base * (ambient + (1.05 - ambient) * diffuse[:, :, None] * light)
        + (spark + rim * (0.3 + diffuse))[:, :, None] * light
    )
    return shown


def tube(
    picture: Light,
    points: Sequence[tuple[float, float]],
    widths: Sequence[float],
    code: str,
    *,
    gloss: float = 0.5,
    ambient: float = 0.28,
) -> None:
    """A bent pipe (a spout, a handle): discs along a curve, each shaded across the pipe."""
    path = np.array(points, dtype=np.float64)
    steps = np.linspace(0, len(path) - 1, 160)
    xs, ys, rs = (
        np.interp(steps, range(len(path)), values) for values in (path[:, 0], path[:, 1], widths)
    )
    for _smooth in range(160):
        for values in (xs, ys):
            values[1:-1] = (values[:-2] + 2 * values[1:-1] + values[2:]) / 4
    reach = max(widths) + 2
    left, right = int(max(xs.min() - reach, 0)), int(min(xs.max() + reach, WIDTH))
    top, bottom = int(max(ys.min() - reach, 0)), int(min(ys.max() + reach, HEIGHT))
    px, py = COLUMNS[:, left:right], ROWS[top:bottom]
    best = np.full((bottom - top, right - left), 9.0)
    nx, ny = np.zeros_like(best), np.zeros_like(best)
    edge = np.zeros_like(best)
    for x, y, r in zip(xs, ys, rs, strict=True):
        dx, dy = (px - x) / r, (py - y) / r
        far = np.hypot(dx, dy)
        edge = np.maximum(edge, np.clip((1 - far) * r + 0.5, 0, 1))
        nearer = far < best
        best = np.where(nearer, far, best)
        nx, ny = np.where(nearer, dx, nx), np.where(nearer, dy, ny)
    length = np.maximum(np.hypot(nx, ny), 1.0)
    nx, ny = nx / length, ny / length
    normal = np.stack([nx, ny, np.sqrt(np.clip(1 - nx**2 - ny**2, 0, 1))])
    shown = _shaded(normal, code, gloss, ambient, LAMP, "#ffffff")
    part = picture[top:bottom, left:right]
    part += ((shown - part) * edge[:, :, None]).astype(np.float32)
