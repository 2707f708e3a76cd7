"""Loudness, clipping and loop seams of 200 random soundscapes.

Renders random plans (categories, kinds, lengths, seeds, modes, targets) and measures the files
independently of the product: loudness with pyloudnorm, the true peak by 8x oversampling with scipy.
At the seam, it measures the step from the last sample to the first and the spectral flux, each
relative to the largest elsewhere in the file. The gain with which players start, before anything is
mixed, is compared with the file's.

Then it mixes an hour of waves, wind and birds. It prints what the two ears hear of its beds in the
first minute (benchmarks/beds.py says how) and how far its minutes differ: standard deviations of
their loudness and of the levels of their mel bands, level taken out.

    python -m benchmarks.loudness [--plans 200]
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile
from scipy import signal

from benchmarks.beds import ears, mel_levels
from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.recordings.clip_files import COLUMNS
from soundscapes.engine.sound.audio_files import read_clip
from soundscapes.engine.sound.bank import build_bank
from soundscapes.engine.sound.expected_gain import expected_gain_db
from soundscapes.engine.sound.mixer import Mixer
from soundscapes.engine.sound.plan import MODES, Plan
from soundscapes.engine.sound.planner import LayerRequest, make_plan
from soundscapes.engine.sound.plots import waveform
from soundscapes.engine.sound.renderer import CEILING_DB, render
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests import kept

TARGETS = (-30.0, -16.0)
SECONDS = (5.0, 40.0)
WINDOW, HOP = 512, 128
REACH = SAMPLE_RATE // 4
FLOOR = 1e-4
PLACE = ("sea_waves", "wind", "chirping_birds")
MINUTE, HOUR = 60 * SAMPLE_RATE, 3600.0
UNLIMITED = CEILING_DB - 0.2  # dBTP: the limiter does not act on such a file


@dataclass(frozen=True)
class Measured:
    """One rendering: LU off the target, dBTP, and the seam relative to the rest of the file.

    `gain_off` is what the expected gain lacks of the file's in dB.
    """

    gain_off: float
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


def measure(path: Path, target: float, gain_off: float) -> Measured:
    samples, _ = soundfile.read(path, always_2d=True)
    loudness = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples)
    peak = np.abs(signal.resample_poly(samples, 8, 1, axis=0)).max()
    steps = np.abs(np.diff(samples, axis=0)).max()
    seam = np.concatenate((samples[-REACH:], samples[:REACH]))
    return Measured(
        gain_off=gain_off,
        error=abs(loudness - target),
        true_peak=20 * np.log10(peak),
        step=np.abs(samples[0] - samples[-1]).max() / steps,
        flux=flux(seam)[(REACH - WINDOW) // HOP : REACH // HOP + 1].max() / flux(samples).max(),
    )


def report_hour(library: dict, paths: dict) -> None:
    kinds = {category.slug: category for category in load_catalogue()}
    requests = [
        LayerRequest(slug, kinds[slug].kind, kinds[slug].gain_db, rank, 0.3, 0.0, "", lag=0.0)
        for rank, slug in enumerate(PLACE, 1)
    ]
    plan = make_plan(requests, library, duration=HOUR, seed=1, encoder="none")
    mixer = Mixer(plan, paths)
    minutes = [mixer.block(at, at + MINUTE) for at in range(0, mixer.total, MINUTE)]
    beds = [layer for layer in plan.layers if layer.width]
    wide = Mixer(dataclasses.replace(plan, layers=tuple(beds)), paths).block(0, MINUTE)
    deviation, correlation, coherence, loss = ears(wide)
    meter = pyloudnorm.Meter(SAMPLE_RATE)
    levels = [meter.integrated_loudness(minute.T) for minute in minutes]
    spectra = np.array([mel_levels(minute[0]).mean(axis=0) for minute in minutes])
    print(f"{', '.join(PLACE)}, the ears in the first minute of the beds:")
    print(f"  level difference{deviation:6.2f} dB (standard deviation, one value a second)")
    print(f"  envelopes       {correlation:6.2f} (correlation)")
    print(f"  coherence       {coherence:6.2f} above 500 Hz")
    print(f"  loss in mono    {loss:6.2f} dB in the worst third of an octave")
    print("and the minutes of an hour, standard deviations:")
    print(f"  loudness        {np.std(levels):6.2f} LU, range {np.ptp(levels):.1f}")
    print(f"  spectrum        {np.sqrt(spectra.var(axis=0).mean()):6.2f} dB")


def print_gains(name: str, results: Sequence[Measured]) -> None:
    gains = np.quantile([each.gain_off for each in results], (0.05, 0.5, 0.95))
    print(f"  {name:18}{gains[0]:6.2f} {gains[1]:6.2f} {gains[2]:6.2f}, {len(results)} files")


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
            peaks = tuple(waveform(read_clip(clip.path), COLUMNS))
            library.setdefault(clip.category, []).append(dataclasses.replace(clip, peaks=peaks))
        clips = {clip.checksum: clip for some in library.values() for clip in some}
        paths = {checksum: clip.path for checksum, clip in clips.items()}
        for _ in range(options.plans):
            plan = random_plan(random, library)
            rendering = render(plan, paths, output)
            lacking = rendering.gain_db - expected_gain_db(plan, clips)
            results.append(measure(output, plan.target_lufs, lacking))
        report_hour(library, paths)
    print(f"{len(results)} random plans, the worst of each:")
    print(f"  loudness error  {max(each.error for each in results):6.2f} LU")
    print(f"  true peak       {max(each.true_peak for each in results):6.2f} dBTP")
    print(f"  step at the seam{max(each.step for each in results):6.2f} of the largest elsewhere")
    print(f"  flux at the seam{max(each.flux for each in results):6.2f} of the largest elsewhere")
    print("dB from the expected gain to the file's (5 %, median, 95 %):")
    print_gains("of all files", results)
    print_gains("below the limiter", [each for each in results if each.true_peak < UNLIMITED])


if __name__ == "__main__":
    main()
