"""Shipped categories, with descriptions of the scenes where they occur.

Names and target numbers: K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM
Multimedia 2015. Labels, kinds, groups, gains and prompts are this project's.
"""

import os
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

CATALOGUE_PATH = Path(__file__).with_name("catalogue.toml")
LABEL_PROMPTS_PATH = Path(__file__).with_name("label_prompts.toml")


class Kind(StrEnum):
    """The way a category is used in a soundscape."""

    BED = "bed"  # plays throughout, without an audible loop
    OCCASIONAL = "occasional"  # plays at irregular times
    STARTLING = "startling"  # rare and soft in calm mode


@dataclass(frozen=True, slots=True)
class Category:
    """One category of ESC-50, one of this project's, or one that an administrator added.

    `slug` is ESC-50's name (`sea_waves`), `target` its number there (0-49) or None, `gain_db` its
    relative level. `prompts` describe what a viewer sees, not hears.
    """

    slug: str
    target: int | None
    label: str
    group: str
    kind: Kind
    gain_db: float
    prompts: tuple[str, ...]

    @property
    def shipped(self) -> float:
        """Share of the shipped prompts of this name that it still has."""
        shipped = _shipped_prompts().get(self.slug, frozenset())
        return len(shipped.intersection(self.prompts)) / len(shipped) if shipped else 0.0

    @property
    def added(self) -> list[int]:
        """Indices of the prompts that were not shipped, neither here nor with an encoder."""
        shipped = _shipped_prompts().get(self.slug, frozenset())
        shipped = shipped.union(load_label_prompts().get(self.slug, ()))
        return [at for at, prompt in enumerate(self.prompts) if prompt not in shipped]


@cache
def load_catalogue() -> tuple[Category, ...]:
    """Return all shipped categories: the fifty by their target number, then those beyond."""
    with CATALOGUE_PATH.open("rb") as file:
        rows = tomllib.load(file)["category"]
    categories = [
        Category(
            slug=row["slug"],
            target=row.get("target"),
            label=row["label"],
            group=row["group"],
            kind=Kind(row["kind"]),
            gain_db=float(row["gain_db"]),
            prompts=tuple(row["prompts"]),
        )
        for row in rows
    ]
    return tuple(categories)


def load_offered() -> tuple[Category, ...]:
    """Return the shipped categories without those that `SOUNDSCAPES_ESC50_ONLY` switches off."""
    chosen = os.environ.get("SOUNDSCAPES_ESC50_ONLY", "").lower()
    if chosen not in {"1", "on", "true", "yes"}:
        return load_catalogue()
    return tuple(category for category in load_catalogue() if category.target is not None)


@cache
def load_label_prompts() -> dict[str, list[str]]:
    """Return by category what an ImageNet classifier says on seeing its images."""
    prompts: dict[str, list[str]] = tomllib.loads(LABEL_PROMPTS_PATH.read_text(encoding="utf-8"))
    return prompts


@cache
def _shipped_prompts() -> dict[str, frozenset[str]]:
    return {category.slug: frozenset(category.prompts) for category in load_catalogue()}
