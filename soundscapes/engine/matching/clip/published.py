"""openai-clip's models and their sources, listed in published.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PublishedModel:
    timm: str
    openai: str
    sha256: str
    transformers: str | None = None


_INDEX = tomllib.loads(Path(__file__).with_name("published.toml").read_text(encoding="utf-8"))
PUBLISHED = {name: PublishedModel(**each) for name, each in _INDEX.items()}
MODELS = tuple(PUBLISHED)
OPENAI_CHECKSUMS = frozenset(model.sha256 for model in PUBLISHED.values())
