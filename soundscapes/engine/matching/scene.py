"""Simple statements about a whole photo, and the sounds that they rule out."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

RULED_OUT = 4.0  # subtracted from a score by a certain statement, in spreads of the photo's cosines

_DIM = 0.25  # luminance, of 1
_NOT_AT_NIGHT = frozenset({"chirping_birds", "insects", "bees", "gulls", "playground"})
_NOT_BY_DAY = frozenset({"crickets", "fireworks", "owl"})
_NOT_INDOORS = frozenset(
    {
        *("wind", "sea_waves", "thunderstorm", "crickets", "frog", "crow", "gulls", "owl"),
        *("waterfall", "stream", "lapping_water", "cicadas", "bees", "busy_street", "rigging"),
        *("steps_in_leaves", "steps_in_snow"),
    }
)
_NOT_IN_SNOW = frozenset({"crickets", "insects", "frog", "cicadas", "bees", "steps_in_leaves"})
_MILD = 0.25  # some birds sing and some insects hum at night, some crickets by day


@dataclass(frozen=True, slots=True)
class Scene:
    """The truth of each statement, 0 to 1."""

    dark: float = 0.0
    bright: float = 0.0
    indoors: float = 0.0
    snow: float = 0.0

    def penalty(self, category: str) -> float:
        """Return how far the category is ruled out, 0 to 1."""
        return max(
            _MILD * self.dark * (category in _NOT_AT_NIGHT),
            _MILD * self.bright * (category in _NOT_BY_DAY),
            self.indoors * (category in _NOT_INDOORS),
            self.snow * (category in _NOT_IN_SNOW),
        )


NOTHING_SAID = Scene()


def light(photo: Image.Image) -> tuple[float, float]:
    """Return the darkness and the brightness of an RGB photo, 0 to 1 each."""
    small = photo.resize((32, 32), Image.Resampling.BOX, reducing_gap=2.0).convert("L")
    dim = float((np.asarray(small) < 255 * _DIM).mean())
    return between(dim, 0.5, 0.8), between(0.9 - dim, 0.6, 0.8)


def between(value: float, none: float, full: float) -> float:
    """Map `none` to 0 and `full` to 1, linearly, with bounds."""
    return round(min(1.0, max(0.0, (value - none) / (full - none))), 3)
