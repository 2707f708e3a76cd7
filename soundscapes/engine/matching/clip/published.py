"""Models of openai-clip's architecture and their sources, listed in published.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundscapes.engine.matching.clip.recipes import Recipe


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """`repositories` are Hugging Face's: name and file. `openai` and `sha256` may be empty."""

    recipe: Recipe
    repositories: tuple[tuple[str, str], ...]
    accuracy: float
    megabytes: int
    licence: str
    openai: str = ""
    sha256: str = ""


def _model(row: dict[str, Any]) -> PublishedModel:
    recipe = Recipe(
        row.pop("activation"),
        *(tuple(row.pop(name)) for name in ("mean", "std") if name in row),
    )
    repositories = tuple((name, file) for name, file in row.pop("repositories"))
    return PublishedModel(recipe, repositories, **row)


_INDEX = tomllib.loads(Path(__file__).with_name("published.toml").read_text(encoding="utf-8"))
PUBLISHED = {name: _model(row) for name, row in _INDEX.items()}
MODELS = tuple(PUBLISHED)
OPENAI_CHECKSUMS = frozenset(model.sha256 for model in PUBLISHED.values() if model.sha256)
