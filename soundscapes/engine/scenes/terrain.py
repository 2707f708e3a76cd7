"""Land in three dimensions: a height map seen through a pinhole.

Every column of the picture is a walk away from the eye, and what has not been hidden by something
nearer is seen: the floating horizon of T. J. Wright, "A two-space solution to the hidden line
problem", 1973, that made the landscapes of 1990s flight simulators. Light is Lambert's, shadows are
walks towards the sun, and far things take the colour of the air between (aerial perspective).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soundscapes.engine.scenes.noise import sample
from soundscapes.engine.scenes.paint import HEIGHT, WIDTH, Mask

STEPS = 640


@dataclass(frozen=True, slots=True)
class Eye:
    """Where the picture is taken from, in the map's pixels; the view goes towards larger rows.

    `height` is in the map's units of height, `horizon` the picture's row of the horizon, `field`
    half the width of the view at distance one.
    """

    column: float
    row: float
    height: float
    horizon: float
    field: float = 0.6
    near: float = 20.0
    far: float = 900.0


@dataclass(frozen=True, slots=True)
class View:
    """For every pixel: whether land is seen there, how far away, and where on the map."""

    seen: Mask
    distance: Mask
    column: Mask
    row: Mask

    def of(self, field: Mask) -> Mask:
        """A map's values where the pixels look."""
        return sample(field, self.column, self.row)


def look(heights: Mask, eye: Eye) -> View:
    """What of a map (heights in the units of its pixels) is seen."""
    distance = np.geomspace(eye.near, eye.far, STEPS).astype(np.float32)[:, None]
    across = (np.arange(WIDTH, dtype=np.float32)[None, :] / WIDTH - 0.5) * 2 * eye.field
    columns, rows = eye.column + distance * across, eye.row + distance + 0 * across
    scale = WIDTH / (2 * eye.field)
    screen = eye.horizon - (sample(heights, columns, rows) - eye.height) / distance * scale
    highest = np.minimum.accumulate(screen, axis=0)
    step = _first_step(highest)
    seen = np.clip(np.arange(HEIGHT, dtype=np.float32)[:, None] - highest[-1] + 0.5, 0.0, 1.0)
    step = np.clip(step, 0, STEPS - 1.001)
    log_near, log_far = np.log(eye.near), np.log(eye.far)
    far = np.exp(log_near + (log_far - log_near) * step / (STEPS - 1)).astype(np.float32)
    return View(seen, far, eye.column + far * across, eye.row + far)


def _first_step(highest: Mask) -> Mask:
    """For every pixel, the step (with a fraction) of the walk at which the land covers it."""
    lines = np.arange(HEIGHT, dtype=np.float32)
    steps = np.arange(STEPS, dtype=np.float32)
    first = np.empty((HEIGHT, WIDTH), dtype=np.float32)
    slope = np.arange(STEPS, dtype=np.float32) * 1e-4  # makes every walk strictly rising
    for column in range(WIDTH):
        rising = slope - highest[:, column]
        first[:, column] = np.interp(-lines, rising, steps)
    return first


def daylight(heights: Mask, sun: tuple[float, float, float], steps: int = 48) -> Mask:
    """How much sun falls on each point of the map, 0 to 1: Lambert's cosine, and shadows.

    `sun` is the direction to it: columns, rows, up.
    """
    direction = np.array(sun) / np.linalg.norm(sun)
    down, across = np.gradient(heights)
    cosine = (direction[2] - across * direction[0] - down * direction[1]) / np.sqrt(
        1 + across**2 + down**2
    )
    shadow = np.ones_like(heights)
    flat = float(np.hypot(direction[0], direction[1]))
    rise = direction[2] / flat
    for step in range(1, steps + 1):
        reach = step * 2.5
        dx, dy = (round(reach * direction[k] / flat) for k in (0, 1))
        blocking = np.roll(heights, (-dy, -dx), axis=(0, 1)) - heights - rise * reach
        shadow = np.minimum(shadow, np.clip(1.0 - blocking * 0.6, 0.0, 1.0))
    light: Mask = (np.clip(cosine, 0.0, 1.0) * shadow).astype(np.float32)
    return light


def steepness(heights: Mask) -> Mask:
    """The slope of the map: 0 flat, 1 at 45 degrees."""
    down, across = np.gradient(heights)
    slope: Mask = np.hypot(down, across).astype(np.float32)
    return slope
