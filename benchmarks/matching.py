"""Accuracy of matching: top-1 and top-3 on labelled photos, for every encoder.

python -m benchmarks.matching --photos DIR

DIR contains photos and labels.csv (file, categories separated by `;`). A photo counts as a hit if
one of its categories is the first, or among the first three. There are two baselines: the bare
category names as prompts, scored on the whole image, and chance.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from soundscapes.engine.catalogue import Category, load_catalogue
from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching.encoders import load_encoder
from soundscapes.engine.matching.matcher import rank
from soundscapes.engine.matching.text_vectors import TextVectors
from soundscapes.engine.modes import FAITHFUL, MODES
from soundscapes.engine.photos.reading import read_photo

if TYPE_CHECKING:
    from soundscapes.engine.matching.encoder import Encoder, PhotoEncoding

RESAMPLES = 10_000
SHARED = Path(__file__).resolve().parents[2] / "shared" / "photos"


@dataclass(frozen=True)
class Result:
    """Rankings (slugs, best first) of one method, with the true categories."""

    name: str
    truths: list[set[str]]
    rankings: list[list[str]]

    def hits(self, first: int) -> np.ndarray:
        """Return for each photo whether one of its categories is among the `first` ranked."""
        pairs = zip(self.truths, self.rankings, strict=True)
        return np.array([bool(truth & set(ranking[:first])) for truth, ranking in pairs])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=Path, default=SHARED)
    parser.add_argument("--cache", type=Path, default=Path("media/cache"))
    parser.add_argument("--mode", choices=MODES, default=FAITHFUL)
    options = parser.parse_args(arguments)
    if not (options.photos / "labels.csv").is_file():
        print(f"Skipped: {options.photos} has no labels.csv. Choose a folder with --photos.")
        return
    files, truths = read_labels(options.photos)
    photos = [read_photo((options.photos / name).read_bytes()).image for name in files]
    for choice in ("clip", "offline"):
        try:
            encoder = load_encoder(choice, cache_dir=options.cache)
        except EncoderUnavailableError as error:
            print(f"Without {choice}: {error}\n")
            continue
        encodings = encoder.encode_photos(photos)
        result = matched(encoder, encodings, truths, options)
        report(result)
        report_details(result)
        report(bare_names(encoder, encodings, truths, options.cache))
    report_chance(truths)


def read_labels(folder: Path) -> tuple[list[str], list[set[str]]]:
    """Return the file names and each one's categories."""
    with (folder / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["file"] for row in rows], [set(row["categories"].split(";")) for row in rows]


def matched(
    encoder: Encoder,
    encodings: list[PhotoEncoding],
    truths: list[set[str]],
    options: argparse.Namespace,
) -> Result:
    """Return the product's own rankings."""
    texts = TextVectors(options.cache)
    vectors = {c.slug: texts.vectors(encoder, c.prompts) for c in load_catalogue()}
    rankings = [
        [match.category for match in rank(e, load_catalogue(), vectors, mode=options.mode)]
        for e in encodings
    ]
    return Result(f"{encoder.name}, {options.mode}", truths, rankings)


def bare_names(
    encoder: Encoder, encodings: list[PhotoEncoding], truths: list[set[str]], cache: Path
) -> Result:
    """Return the baseline with each category's name as its only prompt."""
    named: list[Category] = [
        replace(category, prompts=(category.slug.replace("_", " "),))
        for category in load_catalogue()
    ]
    texts = TextVectors(cache)
    vectors = {c.slug: texts.vectors(encoder, c.prompts) for c in named}
    rankings = [
        [match.category for match in rank(e, named, vectors, mode=FAITHFUL)] for e in encodings
    ]
    return Result(f"{encoder.name}, bare names", truths, rankings)


def report(result: Result) -> None:
    """Print both rates with their intervals."""
    rates = []
    for first in (1, 3):
        hits = result.hits(first)
        low, high = interval(hits)
        rates.append(f"top-{first} {hits.mean():.3f} [{low:.3f}, {high:.3f}]")
    print(f"{result.name}: {', '.join(rates)} of {len(result.truths)} photos")


def interval(hits: np.ndarray) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a rate."""
    rng = np.random.default_rng(0)
    means = rng.choice(hits, (RESAMPLES, len(hits))).mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def report_details(result: Result) -> None:
    """Print the rates of each category and the categories ranked first instead."""
    first, third = result.hits(1), result.hits(3)
    for category in load_catalogue():
        mine = np.array([category.slug in truth for truth in result.truths])
        if not mine.any():
            continue
        wrong = Counter(
            ranking[0]
            for ranking, member, hit in zip(result.rankings, mine, first, strict=True)
            if member and not hit
        )
        instead = ", ".join(f"{slug} {count}" for slug, count in wrong.most_common())
        counts = f"{first[mine].sum():3d} {third[mine].sum():3d} of {mine.sum():3d}"
        print(f"  {category.slug:18s} {counts}{'   instead: ' + instead if instead else ''}")


def report_chance(truths: list[set[str]]) -> None:
    """Print the expected rates of three categories drawn at random."""
    count = len(load_catalogue())
    misses = np.array([len(truth) for truth in truths])
    one = misses / count
    three = 1 - np.prod([(count - misses - k) / (count - k) for k in range(3)], axis=0)
    print(f"Chance: top-1 {one.mean():.3f}, top-3 {three.mean():.3f}")


if __name__ == "__main__":
    main()
