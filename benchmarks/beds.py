"""Beds: two ears in one place, one place throughout, and no period.

Draws out every bed of the bank, and every clip of a bed's category among the ESC-10 recordings (K.
J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM MM 2015), to five minutes and
prints the largest value of every category (the smallest where more is better):

- ears: standard deviation of their level difference and correlation of their envelopes (one value
  a second, in dB), mean magnitude-squared coherence above 500 Hz (Welch, 2048 samples), and what a
  third of an octave loses in mono, (left + right) / 2, against the mean power of the ears;
- place: distance of successive 2 s (log-mel means, level taken out, root mean square), median, and
  beside it that of the clip itself (medians of the category);
- period: largest autocorrelation of the envelope and of the spectrum (10 ms and 100 ms) at lags of
  ten seconds to four minutes, with slower drifts taken out, and beside it that of a plain loop of
  the same clip. A loop shows at all multiples of its length; at shorter lags, so do the rhythms of
  crickets and rotors themselves.

    python -m benchmarks.beds [--esc10 DIR] [--bank DIR]
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy import signal

from benchmarks.recognisability import FILTERS, HOP, WINDOW
from soundscapes.engine.catalogue import Kind, load_catalogue
from soundscapes.engine.sound.audio_files import file_checksum, read_clip
from soundscapes.engine.sound.bank import build_bank
from soundscapes.engine.sound.clips import Clip
from soundscapes.engine.sound.mixer import Mixer
from soundscapes.engine.sound.planner import LayerRequest, make_plan
from soundscapes.engine.sound.samples import SAMPLE_RATE

SECONDS = 300.0
BEDS = {each.slug: each.target for each in load_catalogue() if each.kind is Kind.BED}
THIRDS = 100 * 2 ** (np.arange(23) / 3)
FINE = SAMPLE_RATE // 100
NAMES = (
    "level sd",
    "envelopes",
    "coherence",
    "mono loss",
    "place",
    "clip",
    "envelope",
    "spectrum",
    "loop",
)


def drawn_out(clip: Clip, seed: int = 0) -> np.ndarray:
    """Return a bed of one clip for both ears, shape (2, n), before levelling."""
    request = LayerRequest(clip.category, Kind.BED, 0.0, 1, 0.3, 0.0, "")
    plan = make_plan(
        [request], {clip.category: [clip]}, duration=SECONDS, seed=seed, encoder="none"
    )
    mixer = Mixer(plan, {clip.checksum: clip.path} if clip.path else {})
    return mixer.block(0, mixer.total)


def framed(samples: np.ndarray, size: int) -> np.ndarray:
    return samples[..., : samples.shape[-1] // size * size].reshape(*samples.shape[:-1], -1, size)


def decibels(power: np.ndarray) -> np.ndarray:
    return 10 * np.log10(power + 1e-12)


def ears(samples: np.ndarray) -> tuple[float, float, float, float]:
    """Return the four figures of two channels that the module describes."""
    left, right = decibels(np.square(framed(samples, SAMPLE_RATE)).mean(axis=-1))
    frequencies, coherence = signal.coherence(*samples, SAMPLE_RATE, nperseg=2048)
    return (
        float((left - right).std()),
        float(np.corrcoef(left, right)[0, 1]),
        float(coherence[frequencies > 500].mean()),
        mono_loss(samples),
    )


def mono_loss(samples: np.ndarray) -> float:
    """Return the greatest loss of a third of an octave from 100 Hz to 16 kHz in dB."""
    both = np.vstack((samples, samples.mean(axis=0)))
    frequencies, power = signal.welch(both, SAMPLE_RATE, nperseg=16384)
    bands = np.add.reduceat(power, np.searchsorted(frequencies, THIRDS), axis=1)[:, :-1]
    return float(decibels(bands[:2].mean(axis=0) / bands[2]).max())


def mel_levels(sound: np.ndarray) -> np.ndarray:
    """Return the log-mel spectrogram in dB without the level of each frame, shape (n, bands)."""
    _, _, spectrum = signal.stft(
        sound.astype(np.float32), SAMPLE_RATE, nperseg=WINDOW, noverlap=WINDOW - HOP
    )
    levels = decibels(np.square(np.abs(spectrum)).T @ FILTERS.T.astype(np.float32))
    return levels - levels.mean(axis=1, keepdims=True)


def means(levels: np.ndarray, seconds: float) -> np.ndarray:
    step = round(seconds * SAMPLE_RATE / HOP)
    return levels[: len(levels) // step * step].reshape(-1, step, levels.shape[1]).mean(axis=1)


def place(levels: np.ndarray) -> float:
    steps = np.diff(means(levels, 2.0), axis=0)
    return float(np.median(np.sqrt(np.square(steps).mean(axis=1))))


def most_alike(rows: np.ndarray, per_second: float) -> float:
    """Return the largest autocorrelation of rows, shape (n, k), from ten seconds on."""
    smooth = signal.windows.hann(round(10 * per_second) | 1)[:, None]
    rows = rows - signal.fftconvolve(rows, smooth / smooth.sum(), "same", axes=0)
    spectrum = np.fft.rfft(rows, 2 * len(rows), axis=0)
    products = np.fft.irfft(np.square(np.abs(spectrum)).sum(axis=1))[: len(rows)]
    per_pair = products / np.arange(len(rows), 0, -1)
    last = round(0.8 * len(rows))  # longer lags have too few pairs
    return float((per_pair / per_pair[0])[round(10 * per_second) : last].max())


def envelope_period(sound: np.ndarray) -> float:
    return most_alike(decibels(np.square(framed(sound, FINE)).mean(axis=-1))[:, None], 100.0)


def spectrum_period(levels: np.ndarray) -> float:
    step = round(0.1 * SAMPLE_RATE / HOP)
    return most_alike(means(levels, 0.1), SAMPLE_RATE / HOP / step)


def figures(clip: Clip) -> list[float]:
    samples = drawn_out(clip)
    assert clip.path
    sound = read_clip(clip.path)[:, 0]
    loop = np.resize(sound, samples.shape[1])
    levels = mel_levels(samples[0])
    periods = (envelope_period(samples[0]), spectrum_period(levels), envelope_period(loop))
    return [*ears(samples), place(levels), place(mel_levels(sound)), *periods]


def recordings(folder: Path) -> Iterator[Clip]:
    """Yield the recordings of beds, without the digital silence that pads them."""
    with (folder / "meta" / "esc50.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["category"] in BEDS]
    for row in rows:
        path = folder / "audio" / row["filename"]
        heard = np.flatnonzero(np.abs(read_clip(path)[:, 0]) > 1e-4)
        start, duration = heard[0] / SAMPLE_RATE, (heard[-1] - heard[0]) / SAMPLE_RATE
        yield Clip(
            checksum=file_checksum(path),
            category=row["category"],
            source="esc50",
            title=path.stem,
            author="",
            licence="",
            url="",
            duration=duration,
            start=start,
            path=path,
        )


def report(title: str, clips: Sequence[Clip]) -> None:
    print(f"{title:18}" + "".join(f"{name:>11}" for name in NAMES))
    for category in sorted({clip.category for clip in clips}):
        rows = np.array([figures(clip) for clip in clips if clip.category == category])
        worst = rows.max(axis=0)
        worst[1] = rows[:, 1].min()
        worst[4:6] = np.median(rows[:, 4:6], axis=0)
        print(f"  {category:16}" + "".join(f"{value:11.2f}" for value in worst), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    default = Path(__file__).resolve().parents[2] / "shared" / "esc10"
    parser.add_argument("--esc10", type=Path, default=default, help="an ESC-50 release (or part)")
    parser.add_argument("--bank", type=Path, help="where the bank's clips are or will be")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        report("bank", build_bank(options.bank or Path(name), sorted(BEDS)))
    if (options.esc10 / "meta" / "esc50.csv").is_file():
        report("ESC-10", list(recordings(options.esc10)))
    else:
        print(f"beds: no ESC-10 recordings in {options.esc10}")


if __name__ == "__main__":
    main()
