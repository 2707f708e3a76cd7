"""Cross-validated tuning of the offline matching, with the alternatives that were rejected.

python -m benchmarks.tuning --photos DIR

Each parameter is varied alone. Then all are chosen on four fifths of the photos and scored on the
last fifth, twenty times. One parameter corrects a category's bias: it subtracts the mean of its
scores over a reference set (the starter images, or ImageNet's labels).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.matching import SHARED, read_labels
from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.matching.encoder import unit, views
from soundscapes.engine.matching.matcher import BEST_PROMPTS
from soundscapes.engine.matching.offline.classifier import Classifier, probabilities
from soundscapes.engine.matching.offline.label_space import WHITENING, LabelSpace
from soundscapes.engine.matching.offline.labels import load_labels
from soundscapes.engine.matching.offline.sentences import Sentences
from soundscapes.engine.photos.reading import read_photo
from soundscapes.engine.starter import STARTER_IMAGES, load

FOLDS, REPEATS = 5, 20


@dataclass(frozen=True)
class Setting:
    whitening: float = WHITENING
    prompts: int = BEST_PROMPTS
    temperature: float = 1.0
    reference: str = "none"
    correction: float = 0.0


SHIPPED = Setting()
ALTERNATIVES = {
    "whitening": (0.0, 0.15, 0.25, 0.35, 0.5),
    "prompts": (1, 2, 3, 4, 5),
    "temperature": (0.7, 1.0, 1.4),
}
CORRECTIONS = tuple(product(("starter images", "labels"), (0.25, 0.5, 1.0)))


class Bench:
    """Holds the expensive results, computed once."""

    def __init__(self, photos: Path, cache: Path) -> None:
        files, truths = read_labels(photos)
        slugs = [category.slug for category in load_catalogue()]
        self.truth = np.array([[slug in truth for slug in slugs] for truth in truths])
        classifier = Classifier(cache)
        images = [read_photo((photos / name).read_bytes()).image for name in files]
        self.photos = np.stack([classifier.logits(views(image)) for image in images])
        starters = [load(image) for image in STARTER_IMAGES]
        self.starters = np.stack([classifier.logits(views(image)) for image in starters])
        sentences, labels = Sentences(), load_labels()
        names = sentences.vectors([label.name for label in labels])
        self.labels = unit(names + sentences.vectors([label.description for label in labels]))
        self.prompts = [sentences.vectors(category.prompts) for category in load_catalogue()]

    def hits(self, setting: Setting) -> np.ndarray:
        """Return hits of each photo by the first and by the first three: shape (n, 2)."""
        space = LabelSpace.fit(self.labels, setting.whitening)
        scores = self._scores(space, setting, self.photos)
        if setting.reference == "labels":
            scores -= setting.correction * self._pooled(space, setting, unit(space.labels)).mean(0)
        if setting.reference == "starter images":
            reference = self._scores(space, setting, self.starters)
            scores -= setting.correction * reference.mean(0)
        order = np.argsort(-scores, axis=1, kind="stable")
        found = np.take_along_axis(self.truth, order, axis=1)
        return np.stack([found[:, 0], found[:, :3].any(axis=1)], axis=1)

    def _scores(self, space: LabelSpace, setting: Setting, logits: np.ndarray) -> np.ndarray:
        chances = probabilities(logits / np.float32(setting.temperature)).mean(axis=1)
        return self._pooled(space, setting, space.images(chances))

    def _pooled(self, space: LabelSpace, setting: Setting, vectors: np.ndarray) -> np.ndarray:
        tables = (vectors @ space.texts(rows).T for rows in self.prompts)
        best = [np.sort(table, axis=1)[:, -setting.prompts :].mean(axis=1) for table in tables]
        return np.stack(best, axis=1)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=Path, default=SHARED)
    parser.add_argument("--cache", type=Path, default=Path("media/cache"))
    options = parser.parse_args(arguments)
    if not (options.photos / "labels.csv").is_file():
        print(f"Skipped: {options.photos} has no labels.csv. Choose a folder with --photos.")
        return
    bench = Bench(options.photos, options.cache)
    print(f"as shipped{' ' * 30}{rates(bench.hits(SHIPPED))}")
    for name, values in ALTERNATIVES.items():
        for value in values:
            print(f"{name:12s} {value:<26} {rates(bench.hits(replace(SHIPPED, **{name: value})))}")
    for reference, correction in CORRECTIONS:
        setting = replace(SHIPPED, reference=reference, correction=correction)
        print(f"bias less {correction:4.2f} of {reference:20s} {rates(bench.hits(setting))}")
    print(f"{'chosen on the other photos':40s}{rates(cross_validated(bench))}")


def cross_validated(bench: Bench) -> np.ndarray:
    """Return the hits of the setting that is best on the other folds."""
    plain = [Setting(*values) for values in product(*ALTERNATIVES.values())]
    corrected = [replace(SHIPPED, reference=r, correction=c) for r, c in CORRECTIONS]
    table = np.stack([bench.hits(setting) for setting in (*plain, *corrected)]).astype(float)
    rng, held_out = np.random.default_rng(0), []
    for _ in range(REPEATS):
        for fold in np.array_split(rng.permutation(table.shape[1]), FOLDS):
            others = np.delete(table, fold, axis=1)
            best = others.mean(axis=1).sum(axis=1).argmax()
            held_out.append(table[best, fold])
    return np.concatenate(held_out)


def rates(hits: np.ndarray) -> str:
    first, third = hits.mean(axis=0)
    return f"top-1 {first:.3f}, top-3 {third:.3f}"


if __name__ == "__main__":
    main()
