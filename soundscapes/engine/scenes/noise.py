"""Noise that looks like nature: sums of octaves.

K. Perlin, "An Image Synthesizer", SIGGRAPH 1985 (noise as a material); F. K. Musgrave in Ebert et
al., "Texturing and Modeling", 3rd ed. 2003 (fractional Brownian motion, ridged multifractals).
The octaves here are value noise: random grids, enlarged by Pillow's bicubic filter.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from soundscapes.engine.scenes.paint import HEIGHT, WIDTH, Mask

Rng = np.random.Generator


def value_noise(rng: Rng, cell: Point2, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Mask:
    """Smooth noise around 0 (spread about 1), cells of (width, height) pixels."""
    columns, rows = (max(1.0, length / side) for length, side in zip(size, cell, strict=True))
    grid = rng.standard_normal((int(rows) + 4, int(columns) + 4), dtype=np.float32)
    box = (1.0, 1.0, 1.0 + columns, 1.0 + rows)
    enlarged = Image.fromarray(grid, "F").resize(size, Image.Resampling.BICUBIC, box=box)
    return np.asarray(enlarged, dtype=np.float32)


Point2 = tuple[float, float]


def fbm(
    rng: Rng,
    cell: float,
    *,
    octaves: int = 6,
    gain: float = 0.5,
    stretch: float = 1.0,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Mask:
    """Fractional Brownian motion around 0 with a spread of 1; the first cells have `cell` pixels.

    `stretch` over 1 draws them out sideways, under 1 upwards.
    """
    total = np.zeros((size[1], size[0]), dtype=np.float32)
    weight, power = 1.0, 0.0
    for octave in range(octaves):
        side = cell / 2**octave
        if side < 1.5:
            break
        total += np.float32(weight) * value_noise(rng, (side * stretch, side), size)
        power += weight**2
        weight *= gain
    return total / np.float32(0.75 * np.sqrt(power))


def ridged(
    rng: Rng, cell: float, *, octaves: int = 7, gain: float = 0.5, size: tuple[int, int]
) -> Mask:
    """A ridged multifractal, 0 to about 1: sharp crests, and more detail the higher it is."""
    total = np.zeros((size[1], size[0]), dtype=np.float32)
    weight, carried = 1.0, np.ones_like(total)
    for octave in range(octaves):
        side = cell / 2**octave
        if side < 1.5:
            break
        crest = np.clip(1.0 - np.abs(value_noise(rng, (side, side), size)) * 0.9, 0.0, 1.0) ** 2
        total += np.float32(weight) * crest * carried
        carried = np.clip(crest * carried * 1.6, 0.0, 1.0)
        weight *= gain
    return total / np.float32(1.0 / (1.0 - gain) * 0.75)


def spectral(rng: Rng, side: int, slope: float, stretch: float = 1.0) -> Mask:
    """A square of 1/f noise (spread 1) that fits to itself at the edges: for endless planes."""
    waves = rng.standard_normal((side, side // 2 + 1)) + 1j * rng.standard_normal(
        (side, side // 2 + 1)
    )
    down, across = np.fft.fftfreq(side)[:, None] * stretch, np.fft.rfftfreq(side)[None, :]
    frequency = np.hypot(down, across)
    frequency[0, 0] = np.inf
    field = np.fft.irfft2(waves * frequency ** (-slope), s=(side, side))
    scaled: Mask = (field / field.std()).astype(np.float32)
    return scaled


def sample(field: Mask, x: Mask, y: Mask) -> Mask:
    """The field at any places (in its own pixels), bilinear, repeating without end."""
    rows, columns = field.shape
    x0, y0 = np.floor(x), np.floor(y)
    fx, fy = x - x0, y - y0
    left, upper = x0.astype(np.int32) % columns, y0.astype(np.int32) % rows
    right = np.where(left == columns - 1, 0, left + 1)
    lower = np.where(upper == rows - 1, 0, upper + 1) * np.int32(columns)
    upper *= np.int32(columns)
    flat = field.ravel()
    above, under = flat.take(upper + left), flat.take(lower + left)
    above += (flat.take(upper + right) - above) * fx
    under += (flat.take(lower + right) - under) * fx
    mixed: Mask = above + (under - above) * fy
    return mixed


def ridge_line(
    rng: Rng, base: float, height: float, *, roughness: float = 0.55, count: int = WIDTH
) -> npt.NDArray[np.float64]:
    """A skyline by midpoint displacement: a row for every column, around `base`.

    A. Fournier, D. Fussell, L. Carpenter, "Computer Rendering of Stochastic Models", 1982.
    """
    points = rng.uniform(-0.5, 0.5, 5) * height
    spread = height * 0.5
    while len(points) < count:
        middles = (points[:-1] + points[1:]) / 2
        middles += rng.uniform(-0.5, 0.5, len(middles)) * spread
        finer = np.empty(len(points) + len(middles))
        finer[0::2], finer[1::2] = points, middles
        points, spread = finer, spread * roughness
    places = np.linspace(0, len(points) - 1, count)
    return base + np.interp(places, np.arange(len(points)), points)
