from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from soundscapes.engine.scenes import campfire, church, farm, forest, harbour, kitchen, mountains, night, railway, shore, storm, street
from soundscapes.engine.scenes.noise import Rng


@dataclass(frozen=True, slots=True)
class Scene:
    slug: str
    title: str
    description: str
    sounds: tuple[str, ...]
    painter: Callable[[Rng], Image.Image]
    seed: int = 1


SCENES: tuple[Scene, ...] = (
    Scene("shore", "Shore", "", ("sea_waves",), shore.evening_shore),
    Scene("mountains", "Mountains", "", ("wind",), mountains.snow_mountains),
    Scene("storm", "Storm", "", ("thunderstorm", "rain", "wind"), storm.storm_over_hills),
    Scene("night", "Night", "", ("crickets",), night.night_field),
    Scene("campfire", "Campfire", "", ("crackling_fire",), campfire.campfire),
    Scene("street", "Street", "", ("rain",), street.rainy_street),
    Scene("kitchen", "Kitchen", "", ("pouring_water", "drinking_sipping"), kitchen.kitchen),
    Scene("forest", "Forest", "", ("chirping_birds",), forest.forest),
    Scene("harbour", "Harbour", "", ("sea_waves",), harbour.harbour),
    Scene("farm", "Farm", "", ("sheep", "cow", "hen", "rooster"), farm.farm),
    Scene("railway", "Railway", "", ("train",), railway.railway),
    Scene("church", "Church", "", ("church_bells",), church.church),
)


def draw(scene: Scene) -> Image.Image:
    return scene.painter(np.random.default_rng(scene.seed))
