"""Squares of a photo that CLIP looks at, and the photo's places behind their patches."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt
from PIL import Image

from soundscapes.engine.matching.vectors import Vectors, unit

GRID = 6  # rows and columns of a photo's places
WIDE = 2.0  # long side per short side, beyond which the centre square misses too much
LONGEST = 4  # squares; a longer panorama is squeezed into them

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Squares:
    """Squares of `side` pixels in a photo resized to `size`, at these distances from left and top.

    They lie in one row or one column. The photo is resized by this filter.
    """

    side: int
    size: tuple[int, int]
    lefts: tuple[int, ...]
    tops: tuple[int, ...]
    resampling: Image.Resampling = Image.Resampling.BICUBIC

    def cut(self, photo: Image.Image) -> Pixels:
        """Return shape (squares, side, side, 3) of an RGB photo."""
        resized = photo.resize(self.size, self.resampling)
        corners = [(left, top) for top in self.tops for left in self.lefts]
        return np.stack(
            [
                np.asarray(resized.crop((left, top, left + self.side, top + self.side)))
                for left, top in corners
            ]
        )

    def places(self, patches: Vectors) -> Vectors:
        """Return unit vectors (GRID * GRID, d) of the photo from (squares, n * n, d) of patches.

        Each place is the mean of the patches in it, by area. What lies beyond the outermost patches
        counts as theirs.
        """
        count = round(patches.shape[1] ** 0.5)
        table = patches.reshape(len(self.tops), len(self.lefts), count, count, -1)
        table = table.transpose(0, 2, 1, 3, 4).reshape(
            len(self.tops) * count, len(self.lefts) * count, -1
        )
        rows = _shares(self.tops, self.side, self.size[1], count)
        columns = _shares(self.lefts, self.side, self.size[0], count)
        means = np.einsum("ar,bc,rcd->abd", rows, columns, table)
        return unit(means.reshape(GRID * GRID, -1))


def squares_of(size: tuple[int, int], side: int) -> Squares:
    """Choose the squares of a photo with this width and height.

    Up to a ratio of 2:1 it is CLIP's own, in the centre; of a panorama as many as cover it.
    """
    ratio = max(size) / min(size)
    count = 1 if ratio <= WIDE else min(ceil(ratio), LONGEST)
    scale, longest = side / min(size), LONGEST * side
    width, height = (min(longest, max(side, int(length * scale))) for length in size)
    return Squares(side, (width, height), _starts(width, side, count), _starts(height, side, count))


def _starts(length: int, side: int, count: int) -> tuple[int, ...]:
    """Spread the squares evenly; one is in the middle, as none is needed along a short side."""
    free = length - side
    if count == 1 or not free:
        return (round(free / 2.0),)
    return tuple(round(free * number / (count - 1)) for number in range(count))


def _shares(starts: tuple[int, ...], side: int, length: int, count: int) -> Vectors:
    """Return (GRID, len(starts) * count): each patch's share of each place, summing to one."""
    steps = np.arange(count) * (side / count)
    begins = np.concatenate([start + steps for start in starts])
    ends = begins + side / count
    begins[0], ends[-1] = 0.0, length
    edges = np.arange(GRID + 1) * (length / GRID)
    common = np.minimum(edges[1:, None], ends) - np.maximum(edges[:-1, None], begins)
    areas = common.clip(0.0)
    shares: Vectors = (areas / areas.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares
