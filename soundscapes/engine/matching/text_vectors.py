"""Disk cache of text vectors, so that workers rarely load the text model."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from soundscapes.engine.catalogue import Category
from soundscapes.engine.matching.encoder import Encoder
from soundscapes.engine.matching.vectors import Vectors

Progress = Callable[[int, int], None]  # texts encoded so far, and the total

CHUNK = 32  # texts; seconds of CLIP's text tower on one thread, lost if interrupted


class TextVectors:
    """A cache with one file per encoder slug in `cache_dir`, read once."""

    def __init__(self, cache_dir: Path) -> None:
        self._folder = cache_dir / "texts"
        self._known: dict[str, dict[str, Vectors]] = {}

    def vectors(
        self, encoder: Encoder, texts: Sequence[str], progress: Progress | None = None
    ) -> Vectors:
        """Return unit vectors of `texts`, shape (len(texts), dimension), float32.

        Only missing texts are encoded; they are stored and reported to `progress` in chunks. A
        damaged file is rebuilt.
        """
        if not texts:
            return np.zeros((0, encoder.dimension), dtype=np.float32)
        path = self._folder / f"{encoder.slug}.npz"
        known = self._known.get(encoder.slug, {})
        if any(_key(text) not in known for text in texts):
            known = _read(path, encoder.dimension)
        missing = list(dict.fromkeys(text for text in texts if _key(text) not in known))
        for start in range(0, len(missing), CHUNK):
            chunk = missing[start : start + CHUNK]
            if progress:
                progress(start, len(missing))
            rows = encoder.encode_texts(chunk)
            known |= {_key(text): row for text, row in zip(chunk, rows, strict=True)}
            write_arrays(path, {"keys": np.array(list(known)), "rows": np.stack([*known.values()])})
        if missing and progress:
            progress(len(missing), len(missing))
        self._known[encoder.slug] = known
        return np.stack([known[_key(text)] for text in texts])


def described(encoder: Encoder, categories: Sequence[Category]) -> list[Category]:
    """Add the encoder's own prompts to those of the categories.

    A category without its shipped prompts is another one, to which they do not apply.
    """
    own = {each.slug: encoder.own_prompts.get(each.slug, ()) for each in categories if each.shipped}
    return [
        replace(each, prompts=tuple(dict.fromkeys((*each.prompts, *own.get(each.slug, ())))))
        for each in categories
    ]


def prompt_vectors(
    encoder: Encoder,
    cache: TextVectors,
    categories: Sequence[Category],
    progress: Progress | None = None,
) -> dict[str, Vectors]:
    """Map slugs to unit vectors of their prompts, shape (len(prompts), dimension)."""
    prompts = [prompt for category in categories for prompt in category.prompts]
    rows = cache.vectors(encoder, prompts, progress)
    ends = accumulate(len(category.prompts) for category in categories)
    return {
        category.slug: rows[end - len(category.prompts) : end]
        for category, end in zip(categories, ends, strict=True)
    }


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write an .npz file atomically for readers in other processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            # numpy's stub takes the mapping for its keyword `allow_pickle`.
            np.savez(file, **arrays)  # type: ignore[arg-type]
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read an .npz file; return {} if it is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: np.asarray(file[name]) for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return {}


def _read(path: Path, dimension: int) -> dict[str, Vectors]:
    arrays = read_arrays(path)
    keys, rows = arrays.get("keys"), arrays.get("rows")
    if keys is None or rows is None or rows.shape != (len(keys), dimension):
        return {}
    if rows.dtype != np.float32 or not np.isfinite(rows).all():
        return {}
    return dict(zip(keys.tolist(), rows, strict=True))


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
