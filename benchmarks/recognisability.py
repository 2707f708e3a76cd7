"""Recognition of the bank's clips by classifiers trained on real recordings.

Trains a support vector machine on log-mel statistics of the ESC-10 recordings (K. J. Piczak, "ESC:
Dataset for Environmental Sound Classification", ACM MM 2015) and classifies the synthesised clips
of the same classes. The baseline is its accuracy on real recordings of held-out folds. Other
classifiers and features follow, so that the bank cannot suit only one.

    python -m benchmarks.recognisability [--esc10 DIR]
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import signal
from scipy.fft import dct
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from soundscapes.engine.sound.audio_files import read_clip
from soundscapes.engine.sound.bank import bank_categories, synthesise, variants
from soundscapes.engine.sound.samples import SAMPLE_RATE

WINDOW, HOP, BANDS = 1024, 512, 48
EXCERPT = 5 * SAMPLE_RATE
GATE_DB = 60.0
COEFFICIENTS = 20


def mel_filters(rate: int, window: int, bands: int, highest: float) -> np.ndarray:
    """Return triangular filters on the mel scale from 50 Hz, shape (bands, window / 2 + 1)."""
    bins = np.linspace(0, rate / 2, window // 2 + 1)
    mels = np.linspace(*(2595 * np.log10(1 + np.array([50, highest]) / 700)), bands + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    return np.maximum(0, np.minimum(rising, falling))


FILTERS = mel_filters(SAMPLE_RATE, WINDOW, BANDS, 16000)
HALF_RATE, LONG_WINDOW, FINE_BANDS = SAMPLE_RATE // 2, 2048, 128
FINE_FILTERS = mel_filters(HALF_RATE, LONG_WINDOW, FINE_BANDS, HALF_RATE / 2)


def features(samples: np.ndarray) -> np.ndarray:
    """Return means, deviations and percentiles of the log-mel spectrogram and of its change.

    Clips are brought to one level, and anything 60 dB below the peak counts as silence, so that
    neither the recording level nor the padding of ESC-50 reveals the class.
    """
    _, _, spectrum = signal.stft(samples, SAMPLE_RATE, nperseg=WINDOW, noverlap=WINDOW - HOP)
    power = FILTERS @ np.abs(spectrum) ** 2
    levels = 10 * np.log10(power / power.max() + 10 ** (-GATE_DB / 10))
    loudest = levels[:, levels.max(axis=0) > -GATE_DB / 2]
    change = np.diff(levels, axis=1)
    envelope = levels.mean(axis=0)
    flux = np.abs(change).mean(axis=0)
    return np.concatenate(
        [
            loudest.mean(axis=1),
            loudest.std(axis=1),
            change.std(axis=1),
            np.percentile(envelope, [5, 25, 50, 75, 95]) - envelope.max(),
            np.percentile(flux, [25, 50, 75, 95]),
        ]
    )


def cepstrum(samples: np.ndarray) -> np.ndarray:
    """Return means and deviations of mel-frequency cepstral coefficients and of their change.

    Only levels 80 dB below the loudest are gated, and the recording level counts. This is the usual
    first choice of features (B. McFee et al., "librosa", SciPy 2015).
    """
    _, _, spectrum = signal.stft(samples, SAMPLE_RATE, nperseg=WINDOW, noverlap=WINDOW - HOP)
    levels = 10 * np.log10(FILTERS @ np.abs(spectrum) ** 2 + 1e-10)
    return _summary(levels)


def fine_cepstrum(samples: np.ndarray) -> np.ndarray:
    """Like `cepstrum`, with librosa's defaults.

    128 bands up to 11 kHz over long windows, and each clip at the same peak.
    """
    halved = signal.resample_poly(samples / np.abs(samples).max(), 1, 2)
    _, _, spectrum = signal.stft(
        halved, HALF_RATE, nperseg=LONG_WINDOW, noverlap=LONG_WINDOW * 3 // 4
    )
    return _summary(10 * np.log10(FINE_FILTERS @ np.abs(spectrum * LONG_WINDOW / 2) ** 2 + 1e-10))


def _summary(levels: np.ndarray) -> np.ndarray:
    coefficients = dct(np.maximum(levels, levels.max() - 80), axis=0, norm="ortho")[:COEFFICIENTS]
    change = np.diff(coefficients, axis=1)
    return np.concatenate(
        [part for each in (coefficients, change) for part in (each.mean(axis=1), each.std(axis=1))]
    )


CLASSIFIERS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], Any]] = {
    "log-mel statistics, SVM": (features, make_pipeline(StandardScaler(), SVC(C=10))),
    "log-mel statistics, forest": (features, RandomForestClassifier(300, random_state=0)),
    "MFCC, SVM": (cepstrum, make_pipeline(StandardScaler(), SVC(C=10))),
    "MFCC, forest": (cepstrum, RandomForestClassifier(300, random_state=0)),
    "fine MFCC, SVM": (fine_cepstrum, make_pipeline(StandardScaler(), SVC(C=10))),
    "fine MFCC, forest": (fine_cepstrum, RandomForestClassifier(300, random_state=0)),
    "MFCC, nearest three": (cepstrum, make_pipeline(StandardScaler(), KNeighborsClassifier(3))),
}


def real_recordings(folder: Path) -> tuple[list[np.ndarray], list[str], list[int]]:
    sounds, labels, folds = [], [], []
    with (folder / "meta" / "esc50.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            sounds.append(read_clip(folder / "audio" / row["filename"])[:, 0])
            labels.append(row["category"])
            folds.append(int(row["fold"]))
    return sounds, labels, folds


def five_seconds(samples: np.ndarray) -> np.ndarray:
    """Cut or pad to five seconds, as ESC-50 does."""
    return np.pad(samples[:EXCERPT], (0, max(0, EXCERPT - len(samples))))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    default = Path(__file__).resolve().parents[2] / "shared" / "esc10"
    parser.add_argument("--esc10", type=Path, default=default, help="an ESC-50 release (or part)")
    folder = parser.parse_args(arguments).esc10
    if not (folder / "meta" / "esc50.csv").is_file():
        print(f"recognisability: skipped, no ESC-10 recordings in {folder}")
        return
    sounds, labels, folds = real_recordings(folder)
    bank = {
        category: [five_seconds(synthesise(category, n)) for n in range(variants(category))]
        for category in sorted(set(labels) & set(bank_categories()))
    }
    print(f"chance {1 / len(set(labels)):.2f}; real recordings are cross-validated over folds")
    for name, (describe, machine) in CLASSIFIERS.items():
        real = np.array([describe(each) for each in sounds])
        known = cross_val_predict(machine, real, labels, groups=folds, cv=LeaveOneGroupOut())
        machine.fit(real, labels)
        taken = {
            category: list(machine.predict(np.array([describe(each) for each in clips])))
            for category, clips in bank.items()
        }
        report(name, taken, np.array(labels), known == np.array(labels))


def report(name: str, taken: dict[str, list[str]], labels: np.ndarray, known: np.ndarray) -> None:
    """Print the classifier's hits on the bank's clips, in total and for every class with a miss.

    The rate on real recordings is printed next to both.
    """
    hits = sum(found.count(category) for category, found in taken.items())
    clips = sum(map(len, taken.values()))
    print(
        f"{name}: bank {hits} of {clips} = {hits / clips:.2f}, real recordings {known.mean():.2f}"
    )
    for category, found in taken.items():
        wrong = Counter(each for each in found if each != category)
        if wrong:
            others = ", ".join(f"{other} ({count})" for other, count in sorted(wrong.items()))
            real = known[labels == category].mean()
            print(
                f"  {category:16} {found.count(category)} of {len(found)}, "
                f"real {real:.2f}, classified as {others}"
            )


if __name__ == "__main__":
    main()
