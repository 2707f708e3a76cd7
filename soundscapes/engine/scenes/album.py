"""Which scenes there are, what they are called, and what is heard in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import (
    balloons,
    campfire,
    church,
    farm,
    forest,
    harbour,
    kitchen,
    mountains,
    night,
    railway,
    shore,
    storm,
    street,
)
from soundscapes.engine.scenes.noise import Rng

AUTHOR = "Soundscapes"
LICENCE = "CC0 1.0"


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture that a function paints, always the same from its seed.

    `description` says what can be seen, for those who cannot see it; `sounds` are the categories
    that belong to it.
    """

    slug: str
    title: str
    description: str
    sounds: tuple[str, ...]
    painter: Callable[[Rng], Image.Image]
    seed: int = 1

    @property
    def source(self) -> str:
        """Where the picture comes from, in the credits."""
        return f"soundscapes.engine.scenes:{self.slug}"


def draw(scene: Scene) -> Image.Image:
    """The scene in RGB, 1600 by 1067 pixels; takes a second or two."""
    return scene.painter(np.random.default_rng(scene.seed))


def describe(source: str) -> str:
    """What can be seen in the picture with this source; empty for one that is no scene."""
    return _DESCRIPTIONS.get(source, "")


SCENES: tuple[Scene, ...] = (
    Scene(
        "shore",
        "Waves on a sandy shore",
        "Turquoise waves break in lines of foam on a beach; a green headland closes the bay.",
        ("sea_waves",),
        shore.evening_shore,
    ),
    Scene(
        "forest",
        "A robin in the wood",
        "A robin with an orange breast sits on a mossy branch, behind it a wood full of sunbeams.",
        ("chirping_birds",),
        forest.forest,
    ),
    Scene(
        "campfire",
        "A campfire",
        "Flames in a ring of stones among dark firs, sparks rising to the stars.",
        ("crackling_fire",),
        campfire.campfire,
    ),
    Scene(
        "street",
        "Rain in town",
        "A walker under a red umbrella on a wet street, its lamps mirrored in the asphalt.",
        ("rain",),
        street.rainy_street,
    ),
    Scene(
        "railway",
        "The evening train",
        "A black steam locomotive with red wheels draws its carriages past a meadow at sunset.",
        ("train",),
        railway.railway,
    ),
    Scene(
        "church",
        "A church on a hill",
        "A white church with a slate spire above a green hill, a path leading up to its door.",
        ("church_bells",),
        church.church,
    ),
    Scene(
        "harbour",
        "Boats in the harbour",
        "Sailing boats on calm water, a red and white lighthouse behind them, a jetty in front.",
        ("sea_waves",),
        harbour.harbour,
    ),
    Scene(
        "night",
        "A field at night",
        "Round bales of hay on a mown field under a crescent moon and many stars.",
        ("crickets",),
        night.night_field,
    ),
    Scene(
        "storm",
        "Storm over the hills",
        "Lightning strikes a dark, bare hill under heavy clouds; rain falls on the heath.",
        ("thunderstorm", "wind", "rain"),
        storm.storm_over_hills,
    ),
    Scene(
        "mountains",
        "Snow mountains",
        "A range of snowy summits in the first sun, above a valley of dark firs.",
        ("wind",),
        mountains.snow_mountains,
    ),
    Scene(
        "balloons",
        "Balloons at dawn",
        "Striped hot air balloons drift over hills and mist in the first sun.",
        ("wind",),
        balloons.balloons,
    ),
    Scene(
        "farm",
        "Cock-crow",
        "A cock with a golden neck and a green tail on a fence, a red barn in the morning haze.",
        ("rooster", "hen"),
        farm.farm,
    ),
    Scene(
        "kitchen",
        "Tea in the kitchen",
        "A blue teapot, a white jug and a steaming cup on a wooden table by a sunny window.",
        ("pouring_water", "drinking_sipping"),
        kitchen.kitchen,
    ),
)

_DESCRIPTIONS = {scene.source: scene.description for scene in SCENES}
