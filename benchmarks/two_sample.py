"""Two-sample test: how well a classifier tells the bank from real recordings.

Trains a support vector machine and a random forest to separate the synthesised clips from the
ESC-10 recordings of the same classes (D. Lopez-Paz and M. Oquab, "Revisiting Classifier Two-Sample
Tests", ICLR 2017). Prints the area under the ROC curve: 0.5 if they cannot be told apart, 1 if they
always can. It rises with the number of clips, so compare releases at one `--clips`.

    python -m benchmarks.two_sample [--esc10 DIR] [--clips NUMBER]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.recognisability import (
    cepstrum,
    features,
    fine_cepstrum,
    five_seconds,
    real_recordings,
)
from soundscapes.engine.sound.bank import bank_categories, synthesise, variants
from soundscapes.engine.sound.bank.recipes import MANY

FOLDS = 5
FEATURES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "log-mel statistics": features,
    "MFCC": cepstrum,
    "fine MFCC": fine_cepstrum,
}
SVM = make_pipeline(StandardScaler(), SVC(C=10, class_weight="balanced"))
FOREST = RandomForestClassifier(500, class_weight="balanced", random_state=0)
MACHINES: dict[str, tuple[Any, str]] = {
    "SVM": (SVM, "decision_function"),
    "forest": (FOREST, "predict_proba"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    default = Path(__file__).resolve().parents[2] / "shared" / "esc10"
    parser.add_argument("--esc10", type=Path, default=default, help="an ESC-50 release (or part)")
    parser.add_argument("--clips", type=int, default=MANY, help="at most so many of a category")
    options = parser.parse_args(arguments)
    folder = options.esc10
    if not (folder / "meta" / "esc50.csv").is_file():
        print(f"two_sample: skipped, no ESC-10 recordings in {folder}")
        return
    real, labels, folds = real_recordings(folder)
    made = synthesised(sorted(set(labels) & set(bank_categories())), options.clips)
    sounds = real + [clip for _category, _fold, clip in made]
    is_made = np.array([False] * len(real) + [True] * len(made))
    groups = {
        "five folds": folds + [fold for _category, fold, _clip in made],
        "leave one category out": labels + [category for category, _fold, _clip in made],
    }
    print(f"{len(real)} recordings, {len(made)} clips of the bank; area under the ROC curve")
    for name, describe in FEATURES.items():
        described = np.array([describe(each) for each in sounds])
        for machine in MACHINES:
            areas = (
                f"{split} {area(machine, described, is_made, of_split):.2f}"
                for split, of_split in groups.items()
            )
            print(f"{name}, {machine}: {', '.join(areas)}")


def synthesised(categories: Sequence[str], most: int) -> list[tuple[str, int, np.ndarray]]:
    """Return category, fold and five seconds of every clip; the folds mix the variants."""
    return [
        (category, (number + variant) % FOLDS + 1, five_seconds(synthesise(category, variant)))
        for number, category in enumerate(categories)
        for variant in range(min(most, variants(category)))
    ]


def area(machine: str, described: np.ndarray, is_made: np.ndarray, groups: Sequence[Any]) -> float:
    classifier, method = MACHINES[machine]
    scores = cross_val_predict(
        classifier, described, is_made, groups=groups, cv=LeaveOneGroupOut(), method=method
    )
    return float(roc_auc_score(is_made, scores if scores.ndim == 1 else scores[:, 1]))


if __name__ == "__main__":
    main()
