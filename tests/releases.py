"""Small ESC-50 releases in the published layout."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from soundscapes.engine.esc50 import COLUMNS, LICENCES, META
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests import sample_files

SECONDS = 5.0


def padded(seconds: float, before: float, seed: int) -> np.ndarray:
    """Return five seconds: noise of some length between silences."""
    samples = np.zeros(round(SECONDS * SAMPLE_RATE), dtype=np.float32)
    start = round(before * SAMPLE_RATE)
    sound = sample_files.noise(seconds, seed)
    samples[start : start + len(sound)] = sound
    return samples


@dataclass
class SmallRelease:
    """Files by their names in the release; change them before writing it."""

    rows: list[dict[str, str]] = field(default_factory=list)
    licences: list[str] = field(default_factory=lambda: ["# ESC-50", ""])
    audio: dict[str, bytes] = field(default_factory=dict)

    def add(self, name: str, category: str, *, esc10: bool = False, data: bytes | None = None):
        """Add a clip by its name without suffix, such as `1-100032-A-0`."""
        fold, source, take, target = name.split("-")
        filename = f"{name}.wav"
        values = (filename, fold, target, category, str(esc10), source, take)
        self.rows.append(dict(zip(COLUMNS, values, strict=True)))
        stem = name.rpartition("-")[0]
        self.licences.append(
            f"- [{stem}.ogg]: clip derived from {category} (take {take}).wav "
            f"(http://www.freesound.org/people/ada/sounds/{source}/) by Ada [CC0]"
        )
        sound = padded(1.5, 1.0, len(self.rows))
        self.audio[filename] = sample_files.sound(sound) if data is None else data
        return self

    def members(self) -> dict[str, bytes]:
        table = io.StringIO(newline="")
        writer = csv.DictWriter(table, COLUMNS)
        writer.writeheader()
        writer.writerows(self.rows)
        return {
            META: table.getvalue().encode(),
            LICENCES: "\n".join(self.licences).encode(),
            **{f"audio/{name}": data for name, data in self.audio.items()},
        }

    def folder(self, root: Path) -> Path:
        for name, data in self.members().items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return root

    def zip(self, path: Path, prefix: str = "ESC-50-master/") -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.members().items():
                archive.writestr(prefix + name, data)
        return path


def small_release() -> SmallRelease:
    """Return three clips of two categories, one of them outside ESC-10."""
    release = SmallRelease()
    release.add("1-100032-A-0", "dog", esc10=True)
    release.add("2-100033-B-0", "dog", esc10=True)
    release.add("5-7-C-16", "wind")
    return release
