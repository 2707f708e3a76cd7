"""Skies: gradients with a sun, clouds in perspective, stars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soundscapes.engine.scenes.noise import Rng, fbm, sample, spectral
from soundscapes.engine.scenes.paint import (
    COLUMNS,
    HEIGHT,
    ROWS,
    WIDTH,
    Light,
    Mask,
    colour,
    gradient,
    shine,
    smoothstep,
    vertical,
)


def clear_sky(horizon: float, stops: Sequence[tuple[float, str]], top: float = 0.0) -> Light:
    """Stops from 0 at the top of the picture to 1 at the horizon."""
    return vertical(top, horizon, stops)


def cloud_plane(
    rng: Rng, horizon: float, *, scale: float = 1.0, stretch: float = 1.6, slope: float = 1.65
) -> Mask:
    """Noise (spread 1) on a ceiling that recedes to the horizon, rows above it; 0 under it.

    A pixel's place on the ceiling is the pinhole's: as far as 1 / (its height above the horizon).
    """
    field = spectral(rng, 1024, slope)
    distance = HEIGHT / np.maximum(horizon - ROWS + 0.03 * HEIGHT, 0.02 * HEIGHT)
    across = (COLUMNS - WIDTH / 2) / WIDTH * distance
    density = sample(field, across * (180 * scale) + 300, distance * (180 * scale * stretch))
    fade = 1.0 / (1.0 + (distance / 14.0) ** 2)
    shown: Mask = (density * fade * (horizon > ROWS)).astype(np.float32)
    return shown


def bank_of_clouds(
    rng: Rng, cell: float, *, stretch: float = 2.5, warp: float = 60.0, octaves: int = 7
) -> Mask:
    """Clouds seen from the side: noise (spread 1), its places pushed about by other noise.

    Domain warping is I. Quilez's name (2002) for what Perlin did to marble.
    """
    room = int(2.5 * warp) + 8  # around the picture, so that nothing is missing at its edges
    size = (WIDTH + 2 * room, HEIGHT + 2 * room)
    field = fbm(rng, cell, octaves=octaves, stretch=stretch, size=size)
    across, down = (np.clip(fbm(rng, cell * 0.6, octaves=3), -2.5, 2.5) for _axis in range(2))
    return sample(field, COLUMNS + room + warp * across, ROWS + room + warp * 0.5 * down)


def shifted(values: Mask, dx: int, dy: int) -> Mask:
    """A field moved left and up, its last columns and rows standing in for what is missing."""
    rows = np.clip(np.arange(HEIGHT) + dy, 0, HEIGHT - 1)
    columns = np.clip(np.arange(WIDTH) + dx, 0, WIDTH - 1)
    moved: Mask = values[rows[:, None], columns[None, :]]
    return moved


def lit_clouds(
    picture: Light,
    density: Mask,
    *,
    sun: tuple[float, float],
    cover: tuple[float, float],
    dark: str,
    bright: str,
    reach: float = 26.0,
    opacity: float = 1.0,
    edge: float = 0.8,
) -> None:
    """Lay clouds over a sky: where a cloud thins towards the sun it is bright, behind it dark.

    One step of the march towards the light of M. Harris, A. Lastra, "Real-Time Cloud Rendering",
    2001, is enough for a painting.
    """
    across, down = sun[0] - WIDTH / 2, sun[1] - HEIGHT / 2
    length = max(float(np.hypot(across, down)), 1.0)
    dx, dy = round(across / length * reach), round(down / length * reach)
    towards = shifted(density, dx, dy)
    light = smoothstep(-edge, edge, density - towards)
    light = 0.75 * light + 0.25 * smoothstep(cover[1] + 0.8, cover[0], density)
    mask = smoothstep(cover[0], cover[1], density) * np.float32(opacity)
    paint = gradient(light, [(0.0, dark), (1.0, bright)])
    picture += (paint - picture) * mask[:, :, None]


def sun_glow(picture: Light, x: float, y: float, code: str, strength: float, size: float) -> None:
    """The light around a sun or a moon: a narrow spot in a wide one."""
    squared = (COLUMNS - x) ** 2 + (ROWS - y) ** 2
    narrow = np.exp(-squared / np.float32(2 * size**2))
    wide = 1.0 / (1.0 + squared / np.float32((size * 3.5) ** 2)) ** 1.5
    shine(picture, (narrow * 1.5 + wide * 0.6).astype(np.float32), code, strength)


def disc(x: float, y: float, radius: float) -> Mask:
    """A round with a smooth edge."""
    inside: Mask = np.clip(radius + 0.5 - np.hypot(COLUMNS - x, ROWS - y), 0.0, 1.0)
    return inside


def stars(rng: Rng, picture: Light, count: int, horizon: float) -> None:
    """Points of many brightnesses, few of them bright (as in the sky, where each step down in
    magnitude has about three times as many), fading in the haze above the horizon."""
    x = rng.integers(1, WIDTH - 2, count)
    y = (rng.random(count) * horizon).astype(np.int64)
    power = np.minimum(0.05 * (1.0 - rng.random(count)) ** -0.8, 3.0)
    power *= np.clip((horizon - y) / (0.35 * horizon), 0.05, 1.0)
    tint = rng.random((count, 1))
    light = (colour("#ffd9b8") * tint + colour("#bcd4ff") * (1 - tint)) * power[:, None]
    for dx, dy, part in ((0, 0, 1.0), (1, 0, 0.45), (0, 1, 0.45), (-1, 0, 0.3), (0, -1, 0.3)):
        np.add.at(picture, (np.clip(y + dy, 0, HEIGHT - 1), x + dx), light * part)
