"""Knowledge: the sounds to expect where an ImageNet label is seen.

`label_sounds.tsv` has a line for each label, in the order of the classifiers' outputs: sounds with
weights of 0.1 to 1.0, what photos taken in the dark add to them or take, and a scene that the label
stands for. It includes the labels that a classifier gives to what ImageNet lacks: lightning becomes
a volcano, and fireworks become a sea urchin.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.matching.vectors import Vectors

TABLE_PATH = Path(__file__).with_name("label_sounds.tsv")
RARITY = 0.35  # a category is weighted by (its total weight)^-RARITY; 0 leaves rare ones behind
MOST_BEYOND = 0.8
"""Largest such weight beyond ESC-50: a place must be seen, not guessed, to displace the fifty."""

_INDOORS = (
    *("washing_machine", "vacuum_cleaner", "keyboard_typing", "mouse_click", "toilet_flush"),
    *("brushing_teeth", "snoring", "clock_alarm", "clock_tick", "drinking_sipping", "crying_baby"),
    "can_opening",
)
_OUTDOORS = (
    *("wind", "chirping_birds", "insects", "crickets", "sea_waves", "thunderstorm", "rain"),
    *("crow", "frog", "sheep", "cow", "engine", "train", "airplane", "helicopter", "car_horn"),
)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Weights of the categories `slugs` (k) for n labels.

    `sounds` and `in_the_dark` have shape (n, k). `indoors` (n) runs from -1, outdoors, to 1; `snow`
    (n) is 0 or 1; `rarity` (k) makes up for categories that few labels name.
    """

    slugs: tuple[str, ...]
    sounds: Vectors
    in_the_dark: Vectors
    indoors: Vectors
    snow: Vectors
    rarity: Vectors

    def support(self, chances: Vectors, dark: float) -> Vectors:
        """Return the categories' expected weights (m, k) under label probabilities (m, n)."""
        table = self.sounds + np.float32(dark) * self.in_the_dark
        expected: Vectors = (chances @ table).clip(0.0, 1.0)
        return expected

    def sounds_of(self, label: int, dark: float) -> dict[str, float]:
        row = self.sounds[label] + np.float32(dark) * self.in_the_dark[label]
        return {self.slugs[at]: round(float(row[at]), 2) for at in np.flatnonzero(row > 0)}


@cache
def load_knowledge() -> Knowledge:
    with TABLE_PATH.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    sounds = [_weights(row["sounds"]) for row in rows]
    slugs = tuple(dict.fromkeys(slug for weights in sounds for slug in weights))
    table = _matrix(sounds, slugs)
    return Knowledge(
        slugs=slugs,
        sounds=table,
        in_the_dark=_matrix([_weights(row["in the dark"]) for row in rows], slugs),
        indoors=_indoors(table, slugs),
        snow=np.array([row["scene"] == "snow" for row in rows], dtype=np.float32),
        rarity=_rarity(table, slugs),
    )


def _rarity(table: Vectors, slugs: Sequence[str]) -> Vectors:
    fifty = {category.slug for category in load_catalogue() if category.target is not None}
    is_beyond = np.array([slug not in fifty for slug in slugs])
    totals = table.sum(axis=0)
    rarity: Vectors = (totals / totals[~is_beyond].mean()) ** np.float32(-RARITY)
    rarity[is_beyond] = rarity[is_beyond].clip(max=MOST_BEYOND)
    return rarity


def _weights(words: str) -> dict[str, float]:
    """Parse "sea_waves 0.9, wind 0.2"."""
    pairs = (entry.split(" ") for entry in words.split(", ") if entry)
    return {slug: float(weight) for slug, weight in pairs}


def _matrix(rows: Sequence[Mapping[str, float]], slugs: Sequence[str]) -> Vectors:
    return np.array([[row.get(slug, 0.0) for slug in slugs] for row in rows], dtype=np.float32)


def _indoors(table: Vectors, slugs: Sequence[str]) -> Vectors:
    """Compare each label's strongest sound of a room with its strongest one of outdoors."""
    inside, outside = (
        table[:, [slugs.index(slug) for slug in some]].max(axis=1) for some in (_INDOORS, _OUTDOORS)
    )
    balance: Vectors = (inside - outside) / np.maximum(inside + outside, 0.2)
    return balance
