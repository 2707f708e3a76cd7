"""Builds the bank in a folder, or finds it there."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock

from soundscapes.engine.clip_fits import words_of
from soundscapes.engine.sound.audio_files import file_checksum, write_wav
from soundscapes.engine.sound.bank.recipes import bank_categories, synthesise, variants
from soundscapes.engine.sound.clips import Clip
from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.samples import SAMPLE_RATE

BANK_VERSION = 8
MANIFEST = "manifest.json"
LOCKS = "locks"  # a folder of empty files
WORKERS = 2

Progress = Callable[[int, int], None]
Entry = dict[str, Any]


def build_bank(
    root: Path, categories: Iterable[str] | None = None, progress: Progress | None = None
) -> list[Clip]:
    """Return the clips of `categories` (default all) in `root`, synthesising missing ones.

    A manifest stores checksums, so later calls only compare sizes. Files that are missing, of a
    different size or from an older BANK_VERSION are rebuilt, category by category, so that another
    process can need the next one meanwhile and an interrupted build continues. `progress` receives
    the number of clips ready and the total.
    """
    (root / LOCKS).mkdir(parents=True, exist_ok=True)
    wanted = bank_categories() if categories is None else tuple(categories)
    missing = {category: len(_missing(root, category)) for category in wanted}
    total = sum(map(variants, wanted))
    ready = total - sum(missing.values())
    report = progress or (lambda _ready, _total: None)
    report(ready, total)
    # FFTs and filters release the interpreter lock, so threads use all cores.
    with ThreadPoolExecutor(WORKERS) as pool:
        for category in (each for each in wanted if missing[each]):
            for _name in _made(root, category, pool):
                ready += 1
                report(ready, total)
    entries = _read_manifest(root)
    return [
        _clip(root, category, variant, entries)
        for category in wanted
        for variant in range(variants(category))
    ]


def built_categories(root: Path) -> list[str]:
    """Return the categories whose clips are all in `root`."""
    return [category for category in bank_categories() if not _missing(root, category)]


def _made(root: Path, category: str, pool: ThreadPoolExecutor) -> Iterator[str]:
    """Synthesise missing clips and yield their names; wait while another process does."""
    with FileLock(root / LOCKS / category):
        made = {}
        for name, entry in pool.map(partial(_write, root, category), _missing(root, category)):
            made[name] = entry
            yield name
        with FileLock(root / LOCKS / MANIFEST):
            _write_manifest(root, _read_manifest(root) | made)


def _missing(root: Path, category: str) -> list[int]:
    """Return the variants that have no whole file."""
    entries = _read_manifest(root)
    return [
        variant
        for variant in range(variants(category))
        if not _is_whole(root, entries, category, variant)
    ]


def _name(category: str, variant: int) -> str:
    """Include the version, so that no backup or cache mistakes another version for it."""
    return f"{category}-{variant}-v{BANK_VERSION}.wav"


def _write(root: Path, category: str, variant: int) -> tuple[str, Entry]:
    samples = synthesise(category, variant)
    path = root / _name(category, variant)
    write_wav(path, samples)
    entry = {
        "checksum": file_checksum(path),
        "bytes": path.stat().st_size,
        "duration": len(samples) / SAMPLE_RATE,
        "loudness": round(measure_loudness(samples), 2),
    }
    return path.name, entry


def _is_whole(root: Path, entries: dict[str, Entry], category: str, variant: int) -> bool:
    entry = entries.get(_name(category, variant))
    path = root / _name(category, variant)
    return entry is not None and path.is_file() and path.stat().st_size == entry["bytes"]


def _clip(root: Path, category: str, variant: int, entries: dict[str, Entry]) -> Clip:
    entry = entries[_name(category, variant)]
    return Clip(
        checksum=entry["checksum"],
        category=category,
        source="synthesised",
        title=f"{category.replace('_', ' ').capitalize()} {variant + 1}",
        author="Soundscapes synthesised bank",
        licence="CC0-1.0",
        url="",
        duration=entry["duration"],
        path=root / _name(category, variant),
        loudness=entry["loudness"],
        words=words_of(category, variant),
    )


def _read_manifest(root: Path) -> dict[str, Entry]:
    try:
        manifest = json.loads((root / MANIFEST).read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(manifest, dict) or manifest.get("version") != BANK_VERSION:
        return {}
    entries: dict[str, Entry] = manifest["clips"]
    return entries


def _write_manifest(root: Path, entries: dict[str, Entry]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=root, prefix=".manifest-", delete=False) as file:
        json.dump({"version": BANK_VERSION, "clips": entries}, file, indent=1)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(root / MANIFEST)
