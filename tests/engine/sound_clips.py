"""Clips made of plain signals, written as files, for the tests of planner and renderer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile

from soundscapes.engine.catalogue import Kind
from soundscapes.engine.sound.audio_files import file_checksum
from soundscapes.engine.sound.clips import Clip
from soundscapes.engine.sound.planner import LayerRequest
from soundscapes.engine.sound.samples import SAMPLE_RATE

Library = Mapping[str, Sequence[Clip]]


def noise(seconds: float, seed: int, level: float = 0.1, channels: int = 1) -> np.ndarray:
    size = round(seconds * SAMPLE_RATE)
    samples = np.random.default_rng(seed).normal(0, level, (size, channels))
    return samples.astype(np.float32)


def tone(seconds: float, frequency: float, level: float = 0.5) -> np.ndarray:
    """Return a tone that rises and falls in level."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    envelope = np.sin(np.pi * time / seconds) ** 2
    return (level * envelope * np.sin(2 * np.pi * frequency * time)).astype(np.float32)[:, None]


def save_clip(
    folder: Path,
    category: str,
    name: str,
    samples: np.ndarray,
    rate: int = SAMPLE_RATE,
    subtype: str = "PCM_16",
) -> Clip:
    path = folder / f"{category}-{name}.wav"
    soundfile.write(path, samples, rate, subtype=subtype)
    return Clip(
        checksum=file_checksum(path),
        category=category,
        source="upload",
        title=f"{category} {name}",
        author="A. Recordist",
        licence="CC0-1.0",
        url=f"https://example.org/{category}/{name}",
        duration=len(samples) / rate,
        path=path,
    )


def make_library(folder: Path) -> dict[str, list[Clip]]:
    """Return three noise beds, three calls, two startling sounds, all of different lengths."""
    return {
        "rain": [save_clip(folder, "rain", str(n), noise(6 + n, n)) for n in range(3)],
        "crow": [
            save_clip(folder, "crow", str(n), tone(0.8 + n / 3, 700 + 90 * n)) for n in range(3)
        ],
        "siren": [save_clip(folder, "siren", str(n), tone(1.5 + n, 1200)) for n in range(2)],
    }


def paths_of(library: Library) -> dict[str, Path]:
    return {clip.checksum: clip.path for clips in library.values() for clip in clips}


def ask(category: str, kind: Kind, rank: int = 1, position: float = 0.0) -> LayerRequest:
    return LayerRequest(
        category=category,
        kind=kind,
        gain_db=0.0,
        rank=rank,
        score=0.3 / rank,
        position=position,
        reason=f"It looks like {category}.",
    )


BED = ask("rain", Kind.BED)
CALLS = ask("crow", Kind.OCCASIONAL, rank=2, position=0.5)
ALARM = ask("siren", Kind.STARTLING, rank=3, position=-0.5)
EVERYTHING = (BED, CALLS, ALARM)
