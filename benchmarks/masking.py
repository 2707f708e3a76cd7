"""Masking: how far each event of the bank stands out of each bed, at the levels of a calm mix.

An event stands out by what its loudest tenth (frames of 50 ms, in the third of an octave where the
difference is greatest) has above the bed's mean. A tone is heard in noise from about -4 dB on in a
critical band (Zwicker and Fastl, "Psychoacoustics", 1990). Prints how many pairs stand out by less
than some limits, and the least. Startling sounds are left out: a calm mix plays them softly.

    python -m benchmarks.masking [--bank DIR]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from soundscapes.engine.catalogue import Category, Kind, load_catalogue
from soundscapes.engine.modes import CALM
from soundscapes.engine.sound.audio_files import read_clip
from soundscapes.engine.sound.bank import build_bank
from soundscapes.engine.sound.clips import Clip
from soundscapes.engine.sound.planner import BED_DB, PACES, REFERENCE_LUFS
from soundscapes.engine.sound.samples import SAMPLE_RATE

FRAME = SAMPLE_RATE // 20
EDGES = 100 * 2 ** (np.arange(23) / 3)
FLOOR_DB = -90.0
LIMITS = (-4, 0, 3, 6)
SHOWN = 10


def thirds(clip: Clip, gain_db: float) -> np.ndarray:
    """Return the power of every 50 ms in thirds of an octave, in dB, shape (n, bands)."""
    assert clip.path
    sound = read_clip(clip.path)[:, 0]
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME) * np.hanning(FRAME)
    power = np.square(np.abs(np.fft.rfft(frames)))
    places = np.rint(EDGES * FRAME / SAMPLE_RATE).astype(int)
    levels = 10 * np.log10(np.add.reduceat(power, places, axis=1)[:, :-1] + 1e-12)
    return np.maximum(levels + REFERENCE_LUFS - clip.loudness + gain_db, FLOOR_DB)


def mean_of(category: Category, clips: Sequence[Clip]) -> np.ndarray:
    gain_db = category.gain_db + BED_DB
    levels = [thirds(clip, gain_db) for clip in clips if clip.category == category.slug]
    return 10 * np.log10(np.mean([np.mean(10 ** (each / 10), axis=0) for each in levels], axis=0))


def loudest_of(category: Category, clips: Sequence[Clip]) -> np.ndarray:
    gain_db = category.gain_db + PACES[CALM, category.kind].gain_db
    levels = [thirds(clip, gain_db) for clip in clips if clip.category == category.slug]
    return np.mean([np.percentile(each, 90, axis=0) for each in levels], axis=0)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--bank", type=Path, help="where the bank's clips are or will be")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        clips = build_bank(options.bank or Path(name))
        categories = load_catalogue()
        beds = {c.slug: mean_of(c, clips) for c in categories if c.kind is Kind.BED}
        events = {c.slug: loudest_of(c, clips) for c in categories if c.kind is Kind.OCCASIONAL}
    pairs = sorted(
        (float((event - bed).max()), slug, other)
        for slug, event in events.items()
        for other, bed in beds.items()
    )
    for limit in LIMITS:
        count = sum(pair[0] < limit for pair in pairs)
        print(f"{count} of {len(pairs)} pairs stand out by less than {limit} dB")
    for clearance, event, bed in pairs[:SHOWN]:
        print(f"  {event:18} in {bed:18}{clearance:6.1f} dB")


if __name__ == "__main__":
    main()
