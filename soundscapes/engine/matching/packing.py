"""Encodings as bytes and JSON, to be stored in columns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from soundscapes.engine.matching.encoder import SQUARES, PhotoEncoding, PhotoLabel, Support
from soundscapes.engine.matching.scene import Scene
from soundscapes.engine.matching.vectors import Vectors

ENCODED = ("vectors", "places", "labels", "label_vectors", "support", "facts")
FEW = 4  # rows that are kept together in float32, as before places were many
WHOLE, SMALL = "<f4", "<f2"


class Columns(Protocol):
    """A stored encoding."""

    vectors: Any
    places: Any
    labels: Any
    label_vectors: Any
    support: Any
    facts: Any


def packed(encoding: PhotoEncoding) -> dict[str, object]:
    vectors, support = encoding.vectors, encoding.support
    together = len(vectors) if len(vectors) <= FEW else 1
    return {
        "vectors": _bytes(vectors[:together], WHOLE),
        "places": _bytes(vectors[together:], SMALL),
        "labels": [[label.name, label.probability, label.sounds] for label in encoding.labels],
        "label_vectors": b"".join(
            _bytes(label.vector, WHOLE) for label in encoding.labels if label.vector is not None
        ),
        "support": b"" if support is None else _bytes(support.weights, SMALL),
        "facts": {
            "grid": encoding.grid,
            "scene": asdict(encoding.scene),
            "categories": [] if support is None else support.slugs,
            "rarity": [] if support is None else [float(value) for value in support.rarity],
        },
    }


def unpacked(row: Columns) -> PhotoEncoding:
    """Read rows of earlier releases, too, which have no facts."""
    rows, columns = row.facts.get("grid", SQUARES)
    count = 1 if row.places else 1 + rows * columns
    vectors = _rows(row.vectors, WHOLE, count)
    if row.places:
        vectors = np.vstack([vectors, _rows(row.places, SMALL, rows * columns)])
    return PhotoEncoding(
        vectors, _labels(row), (rows, columns), _support(row), Scene(**row.facts.get("scene", {}))
    )


def _labels(row: Columns) -> tuple[PhotoLabel, ...]:
    count = len(row.labels)
    vectors = list(_rows(row.label_vectors, WHOLE, count)) if row.label_vectors else [None] * count
    return tuple(
        PhotoLabel(name, share, vector, *sounds)
        for (name, share, *sounds), vector in zip(row.labels, vectors, strict=True)
    )


def _support(row: Columns) -> Support | None:
    if not row.support:
        return None
    slugs = tuple(row.facts["categories"])
    weights = _rows(row.support, SMALL, -1, len(slugs))
    return Support(slugs, weights, np.array(row.facts["rarity"], dtype=np.float32))


def _bytes(rows: Vectors, kind: str) -> bytes:
    return rows.astype(kind).tobytes()


def _rows(data: bytes | memoryview, kind: str, count: int, width: int = -1) -> Vectors:
    numbers: npt.NDArray[np.floating] = np.frombuffer(bytes(data), dtype=kind)
    return numbers.astype(np.float32).reshape(count, width)
