"""Zip files streamed in chunks, such as a soundscape's layers."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from soundscapes.engine.sound.credits import credits_text
from soundscapes.engine.sound.plan import Plan
from soundscapes.files.tagged_audio import as_wav
from soundscapes.models import Category, Generation

EPOCH = (1980, 1, 1, 0, 0, 0)

Member = tuple[str, Iterable[bytes]]
"""A file's name in the zip, and its content in chunks."""


class _Outlet(io.RawIOBase):
    """Buffer what zipfile writes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def stem_archive(generation: Generation) -> Iterator[bytes]:
    """Stream a soundscape's layers, credits and plan. Raises EngineError before the first byte."""
    texts = {
        "credits.txt": credits_text(Plan.from_json(generation.plan)),
        "plan.json": json.dumps(generation.plan, indent=1),
    }
    return zipped(_members(generation, texts))


def _members(generation: Generation, texts: dict[str, str]) -> Iterator[Member]:
    for layer in generation.layers.all():
        if layer.stem:
            with layer.stem.open("rb") as stored, as_wav(stored, layer.title) as file:
                yield f"{layer.rank} {_name(layer.category)}.wav", file.chunks()
    for name, text in texts.items():
        yield name, [text.encode()]


def _name(category: Category) -> str:
    if not category.is_private:
        return category.slug
    return " ".join(re.sub(r"[^\w,()-]+", " ", category.label).split()) or "recording"


def zipped(members: Iterable[Member]) -> Iterator[bytes]:
    outlet = _Outlet()
    with ZipFile(outlet, "w", ZIP_STORED) as archive:
        for name, chunks in members:
            with archive.open(ZipInfo(name, EPOCH), "w", force_zip64=True) as member:
                for chunk in chunks:
                    member.write(chunk)
                    yield outlet.take()
    yield outlet.take()
