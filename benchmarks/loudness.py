"""Loudness, clipping and loop seams of 200 random soundscapes.

Renders random plans (categories, kinds, lengths, seeds, modes, targets) and measures the files
independently of the product: loudness with pyloudnorm, the true peak by 8x oversampling with scipy.
At the seam, it measures the step from the last sample to the first and the spectral flux, each
relative to the largest elsewhere in the file.

    python -m benchmarks.loudness [--plans 200]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile
from scipy import signal

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.sound.bank import build_bank
from soundscapes.engine.sound.plan import MODES, Plan
from soundscapes.engine.sound.planner import LayerRequest, make_plan
from soundscapes.engine.sound.renderer import render
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests import kept

TARGETS = (-30.0, -16.0)
SECONDS = (5.0, 40.0)
WINDOW, HOP = 512, 128
REACH = SAMPLE_RATE // 4
FLOOR = 1e-4


@dataclass(frozen=True)
class Measured:
    """One rendering: LU off the target, dBTP, and the seam relative to the rest of the file."""

    error: float
    true_peak: float
    step: float
    flux: float


def random_plan(random: np.random.Generator, library: dict) -> Plan:
    """Return a plan with one to five layers of any category."""
    catalogue = list(load_catalogue())
    chosen = random.choice(len(catalogue), int(random.integers(1, 6)), replace=False)
    requests = [
        LayerRequest(
            catalogue[number].slug,
            catalogue[number].kind,
            catalogue[number].gain_db,
            rank,
            0.3,
            float(random.uniform(-1, 1)),
            "",
        )
        for rank, number in enumerate(chosen, 1)
    ]
    return make_plan(
        requests,
        library,
        duration=float(random.uniform(*SECONDS)),
        seed=int(random.integers(2**31)),
        encoder="none",
        mode=str(random.choice(MODES)),
        target_lufs=float(random.uniform(*TARGETS)),
    )


def flux(samples: np.ndarray) -> np.ndarray:
    """Return the change of the spectrum from each window to the next, summed over channels."""
    _, _, spectrum = signal.stft(
        samples.T, SAMPLE_RATE, nperseg=WINDOW, noverlap=WINDOW - HOP, boundary=None
    )
    return np.abs(np.diff(np.log10(np.abs(spectrum) + FLOOR), axis=-1)).sum(axis=(0, 1))


def measure(path: Path, target: float) -> Measured:
    samples, _ = soundfile.read(path, always_2d=True)
    loudness = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples)
    peak = np.abs(signal.resample_poly(samples, 8, 1, axis=0)).max()
    steps = np.abs(np.diff(samples, axis=0)).max()
    seam = np.concatenate((samples[-REACH:], samples[:REACH]))
    return Measured(
        error=abs(loudness - target),
        true_peak=20 * np.log10(peak),
        step=np.abs(samples[0] - samples[-1]).max() / steps,
        flux=flux(seam)[(REACH - WINDOW) // HOP : REACH // HOP + 1].max() / flux(samples).max(),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--plans", type=int, default=200)
    options = parser.parse_args(arguments)
    random = np.random.default_rng(0)
    results = []
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "mix.wav"
        library: dict = {}
        for clip in build_bank(kept.bank()):
            library.setdefault(clip.category, []).append(clip)
        paths = {clip.checksum: clip.path for clips in library.values() for clip in clips}
        for _ in range(options.plans):
            plan = random_plan(random, library)
            render(plan, paths, output)
            results.append(measure(output, plan.target_lufs))
    print(f"{len(results)} random plans, the worst of each:")
    print(f"  loudness error  {max(each.error for each in results):6.2f} LU")
    print(f"  true peak       {max(each.true_peak for each in results):6.2f} dBTP")
    print(f"  step at the seam{max(each.step for each in results):6.2f} of the largest elsewhere")
    print(f"  flux at the seam{max(each.flux for each in results):6.2f} of the largest elsewhere")


if __name__ == "__main__":
    main()
