"""Would a classifier that has only ever heard real recordings know the bank's sounds?

Trains a support vector machine on log-mel statistics of the ESC-10 recordings (K. J. Piczak, "ESC:
Dataset for Environmental Sound Classification", ACM MM 2015) and shows it the synthesised clips of
the same classes. Its accuracy on real recordings of folds it was not trained on stands beside that.

    python -m benchmarks.recognisability [--esc10 DIR]
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import signal
from sklearn.model_selection import LeaveOneGroupOut, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from soundscapes.engine.sound.audio_files import read_clip
from soundscapes.engine.sound.bank import bank_categories, synthesise, variants
from soundscapes.engine.sound.samples import SAMPLE_RATE

WINDOW, HOP, BANDS = 1024, 512, 48
EXCERPT = 5 * SAMPLE_RATE
GATE_DB = 60.0


def mel_filters() -> np.ndarray:
    """Triangular filters on the mel scale, shape (BANDS, WINDOW / 2 + 1)."""
    bins = np.linspace(0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    mels = np.linspace(*(2595 * np.log10(1 + np.array([50, 16000]) / 700)), BANDS + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    return np.maximum(0, np.minimum(rising, falling))


FILTERS = mel_filters()


def features(samples: np.ndarray) -> np.ndarray:
    """Means, deviations and percentiles of the log-mel spectrogram, and of its change in time.

    Every clip is brought to one level, and what lies 60 dB below its peak is silence: neither the
    level of a recording nor the padding of ESC-50 tells its class.
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


def real_recordings(folder: Path) -> tuple[list[np.ndarray], list[str], list[int]]:
    sounds, labels, folds = [], [], []
    with (folder / "meta" / "esc50.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            sounds.append(read_clip(folder / "audio" / row["filename"])[:, 0])
            labels.append(row["category"])
            folds.append(int(row["fold"]))
    return sounds, labels, folds


def five_seconds(samples: np.ndarray) -> np.ndarray:
    """As ESC-50 cuts and pads: five seconds, the rest silent."""
    return np.pad(samples[:EXCERPT], (0, max(0, EXCERPT - len(samples))))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    default = Path(__file__).resolve().parents[2] / "shared" / "esc10"
    parser.add_argument("--esc10", type=Path, default=default, help="an ESC-50 release (or part)")
    folder = parser.parse_args(arguments).esc10
    if not (folder / "meta" / "esc50.csv").is_file():
        print(f"recognisability: skipped, there are no ESC-10 recordings in {folder}")
        return
    sounds, labels, folds = real_recordings(folder)
    real = np.array([features(each) for each in sounds])
    machine = make_pipeline(StandardScaler(), SVC(C=10, gamma="scale"))
    scores = cross_val_score(machine, real, labels, groups=folds, cv=LeaveOneGroupOut())
    machine.fit(real, labels)
    hits = clips = 0
    for category in sorted(set(labels) & set(bank_categories())):
        bank = [five_seconds(synthesise(category, n)) for n in range(variants(category))]
        taken = list(machine.predict(np.array([features(each) for each in bank])))
        right = taken.count(category)
        hits, clips = hits + right, clips + len(taken)
        wrong = ", ".join(sorted(each for each in taken if each != category))
        print(f"{category:16} {right} of {len(taken)}{'  taken for ' if wrong else ''}{wrong}")
    print(f"bank: {hits} of {clips} = {hits / clips:.2f} (chance {1 / len(set(labels)):.2f})")
    print(f"real recordings, cross-validated over {len(scores)} folds: {scores.mean():.2f}")


if __name__ == "__main__":
    main()
