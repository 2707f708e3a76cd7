"""The numbers of matching offline, chosen with whole sources held out.

python -m benchmarks.tuning --photos DIR DIR

Photos of one source resemble each other, so a source is in one fold as a whole. First one number at
a time is moved from where it stands; then all are chosen on nine folds and scored on the tenth, ten
times over. At last the confidence is fitted in the same way.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.matching import FOLDERS, NOTHING, read_labels
from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.matching import confidence
from soundscapes.engine.matching.encoder import PhotoEncoding
from soundscapes.engine.matching.matcher import BEST_PROMPTS, KNOWLEDGE, LEAST_EXPECTED
from soundscapes.engine.matching.offline.knowledge import RARITY, load_knowledge
from soundscapes.engine.matching.offline.offline_encoder import OfflineEncoder
from soundscapes.engine.matching.scene import NOTHING_SAID, RULED_OUT
from soundscapes.engine.matching.text_vectors import TextVectors, described, prompt_vectors
from soundscapes.engine.photos.reading import read_photo

FOLDS, REPEATS = 10, 10
STEPS = 30  # of Newton's method


@dataclass(frozen=True)
class Setting:
    knowledge: float = KNOWLEDGE
    rarity: float = RARITY
    least: float = LEAST_EXPECTED
    gates: float = RULED_OUT


SHIPPED = Setting()
ALTERNATIVES = {
    "knowledge": (0.0, 1.0, 1.5, 2.0, 2.5, 4.0, 100.0),
    "rarity": (0.0, 0.15, 0.25, 0.35, 0.5),
    "least": (0.003, 0.01, 0.03),
    "gates": (0.0, 4.0),
}


class Bench:
    """Holds the expensive results, computed once."""

    def __init__(self, folders: Sequence[Path], cache: Path) -> None:
        encoder, slugs = OfflineEncoder(cache), [each.slug for each in load_catalogue()]
        truths: list[set[str]] = []
        encodings: list[PhotoEncoding] = []
        sources: list[str] = []
        self.sets: dict[str, np.ndarray] = {}
        for folder in folders:
            labelled = read_labels(folder)
            truths += labelled.truths
            sources += labelled.sources
            photos = [read_photo((folder / name).read_bytes()).image for name in labelled.files]
            encodings += encoder.encode_photos(photos)
            self.sets[folder.name] = np.arange(len(truths) - len(photos), len(truths))
        self.sounds = np.array([truth != {NOTHING} for truth in truths])
        self.truth = np.array([[slug in truth for slug in slugs] for truth in truths])
        self.sources = np.unique(sources, return_inverse=True)[1]
        self._prepare(encodings, encoder, cache)

    def _prepare(
        self, encodings: Sequence[PhotoEncoding], encoder: OfflineEncoder, cache: Path
    ) -> None:
        categories, knowledge = described(encoder, load_catalogue()), load_knowledge()
        vectors = prompt_vectors(encoder, TextVectors(cache), categories)
        wholes = np.stack([encoding.vectors[0] for encoding in encodings])
        tables = [wholes @ vectors[category.slug].T for category in categories]
        meaning = np.stack([np.sort(t, axis=1)[:, -BEST_PROMPTS:].mean(axis=1) for t in tables], 1)
        means, spreads = meaning.mean(axis=1), meaning.std(axis=1)
        self.meaning = (meaning - means[:, None]) / spreads[:, None]
        columns = [knowledge.slugs.index(category.slug) for category in categories]
        supports = [encoding.support for encoding in encodings]
        self.expected = np.stack([each.weights[0, columns] for each in supports if each])
        totals = knowledge.sounds.sum(axis=0)[columns]
        self.totals = totals / totals.mean()
        scenes = [encoding.scene or NOTHING_SAID for encoding in encodings]
        self.penalties = np.array(
            [[scene.penalty(category.slug) for category in categories] for scene in scenes]
        )

    def scores(self, setting: Setting) -> np.ndarray:
        """As the matcher's, as leads over the mean cosine in spreads: shape (n, categories)."""
        weighed = self.expected * self.totals**-setting.rarity
        by_knowledge: np.ndarray = setting.knowledge * np.log(weighed + setting.least)
        return self.meaning + by_knowledge - setting.gates * self.penalties

    def hits(self, setting: Setting) -> np.ndarray:
        """Return flags per photo, hit by the first and among the first three: shape (n, 2)."""
        order = np.argsort(-self.scores(setting), axis=1, kind="stable")
        found = np.take_along_axis(self.truth, order, axis=1)
        return np.stack([found[:, 0], found[:, :3].any(axis=1)], axis=1)

    def rates(self, hits: np.ndarray) -> str:
        parts = {**self.sets, "all": np.arange(len(hits))}
        texts = []
        for name, rows in parts.items():
            first, third = hits[rows][self.sounds[rows]].mean(axis=0)
            texts.append(f"{name} {first:.3f} / {third:.3f}")
        return ", ".join(texts)

    def folds(self, rng: np.random.Generator) -> np.ndarray:
        """The fold of every photo."""
        count = int(self.sources.max()) + 1
        places: np.ndarray = np.arange(count) % FOLDS
        return rng.permutation(places)[self.sources]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=Path, nargs="+", default=FOLDERS)
    parser.add_argument("--cache", type=Path, default=Path("media/cache"))
    options = parser.parse_args(arguments)
    folders = [folder for folder in options.photos if (folder / "labels.csv").is_file()]
    if not folders:
        print("Skipped: no folder holds a labels.csv. Name some with --photos.")
        return
    bench = Bench(folders, options.cache)
    print(f"Top-1 / top-3.\n{'as shipped':30s}{bench.rates(bench.hits(SHIPPED))}")
    for name, values in ALTERNATIVES.items():
        for value in values:
            changed = bench.rates(bench.hits(replace(SHIPPED, **{name: value})))
            print(f"{name:12s} {value:<17}{changed}")
    print(f"{'chosen on other sources':30s}{bench.rates(cross_validated(bench))}")
    report_confidence(bench)


def cross_validated(bench: Bench) -> np.ndarray:
    """Mean hits (n, 2) of the setting that is best on the other folds."""
    settings = [Setting(*values) for values in product(*ALTERNATIVES.values())]
    table = np.stack([bench.hits(setting) for setting in settings]).astype(float)
    rng, hits = np.random.default_rng(0), np.zeros(table.shape[1:])
    for _ in range(REPEATS):
        folds = bench.folds(rng)
        for fold in range(FOLDS):
            others = table[:, (folds != fold) & bench.sounds]
            best = others.mean(axis=1).sum(axis=1).argmax()
            hits[folds == fold] += table[best, folds == fold] / REPEATS
    return hits


def report_confidence(bench: Bench) -> None:
    """Print the coefficients, and their Brier score with whole sources held out."""
    scores = bench.scores(SHIPPED)
    first = np.argsort(-scores, axis=1, kind="stable")[:, :3]
    lead, expected, right = (
        np.take_along_axis(rows, first, axis=1).ravel()
        for rows in (scores, bench.expected, bench.truth)
    )
    support = np.log(expected + confidence.LEAST_SUPPORT)
    rows = np.stack([np.ones_like(lead), lead, support], axis=1)
    folds, said = np.repeat(bench.folds(np.random.default_rng(0)), 3), np.empty(len(right))
    for fold in range(FOLDS):
        held_out = folds == fold
        said[held_out] = probability(rows[held_out], fitted(rows[~held_out], right[~held_out]))
    print(f"confidence: {np.round(fitted(rows, right), 2)}, shipped {shipped_confidence()}")
    print(f"Brier score on other sources {((said - right) ** 2).mean():.3f}")


def shipped_confidence() -> tuple[float, float, float]:
    return (confidence.CONSTANT, confidence.BY_SCORE, confidence.BY_SUPPORT)


def probability(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    chances: np.ndarray = 1.0 / (1.0 + np.exp(-rows @ weights))
    return chances


def fitted(rows: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method."""
    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        said = probability(rows, weights)
        curvature = (rows * (said * (1 - said))[:, None]).T @ rows
        weights += np.linalg.solve(curvature, rows.T @ (right - said))
    return weights


if __name__ == "__main__":
    main()
