"""Models of openai-clip's architecture and their sources, listed in published.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUICK, PLAIN = "quick_gelu", "gelu"
ACTIVATIONS = (QUICK, PLAIN)

Channels = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Activation of a model and normalisation of its pixels, which its weights do not contain.

    `activation` is one of ACTIVATIONS; `mean` and `std` are of pixels from 0 to 1.
    """

    activation: str
    mean: Channels = (0.48145466, 0.4578275, 0.40821073)
    std: Channels = (0.26862954, 0.26130258, 0.27577711)


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
