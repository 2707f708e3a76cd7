"""Hit rates, calibration and speed of matching, for every encoder.

python -m benchmarks.matching --photos DIR DIR

A DIR holds photos and labels.csv (file, categories separated by `;`). A photo is hit when any
of its categories is the first, or among the first three; photos labelled `nothing` count in no rate
and say whether the encoder knows that it does not know. Beside the product run its parts alone, the
bare category names as prompts, and chance; the figures of the release before are recorded.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from soundscapes.engine.catalogue import Category, load_catalogue
from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching.confidence import UNSURE
from soundscapes.engine.matching.encoders import load_encoder
from soundscapes.engine.matching.matcher import Match, rank
from soundscapes.engine.matching.scene import NOTHING_SAID
from soundscapes.engine.matching.text_vectors import TextVectors, described, prompt_vectors
from soundscapes.engine.modes import CALM, FAITHFUL
from soundscapes.engine.photos.reading import read_photo

if TYPE_CHECKING:
    from PIL import Image

    from soundscapes.engine.matching.encoder import Encoder, PhotoEncoding

RESAMPLES = 10_000
SHARED = Path(__file__).resolve().parents[2] / "shared"
FOLDERS = [SHARED / "photos", SHARED / "photos2"]
NOTHING = "nothing"
BEFORE = {
    "photos": "top-1 0.887, top-3 0.969, prompts fitted to it",
    "photos2": "top-1 0.746, top-3 0.886",
}
"""The offline encoder of the release before (ConSE, four views and their mirror images)."""


@dataclass(frozen=True)
class Result:
    """Matches of one way of matching (best first), beside the truth."""

    name: str
    truths: list[set[str]]
    matches: list[list[Match]]

    def hits(self, first: int) -> np.ndarray:
        """Return a flag per photo: one of its categories is among the first so many."""
        pairs = zip(self.truths, self.matches, strict=True)
        return np.array(
            [bool(truth & {m.category for m in found[:first]}) for truth, found in pairs]
        )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=Path, nargs="+", default=FOLDERS)
    parser.add_argument("--cache", type=Path, default=Path("media/cache"))
    options = parser.parse_args(arguments)
    folders = [folder for folder in options.photos if (folder / "labels.csv").is_file()]
    if not folders:
        print("Skipped: no folder holds a labels.csv. Name some with --photos.")
        return
    for choice in ("clip", "offline"):
        try:
            encoder = load_encoder(choice, cache_dir=options.cache)
        except EncoderUnavailableError as error:
            print(f"Without {choice}: {error}\n")
            continue
        report_encoder(encoder, folders, options.cache)


def report_encoder(encoder: Encoder, folders: list[Path], cache: Path) -> None:
    whole: list[Result] = []
    for folder in folders:
        labelled = read_labels(folder)
        files = [(folder / name).read_bytes() for name in labelled.files]
        photos = [read_photo(data).image for data in files]
        encodings = encoder.encode_photos(photos)
        print(f"\n{folder.name}, {encoder.name}")
        if encoder.slug.startswith("offline") and folder.name in BEFORE:
            print(f"the release before: {BEFORE[folder.name]}")
        results = ways(encoder, encodings, labelled.truths, cache)
        for result in results:
            report(sounding(result))
        report_chance([truth for truth in labelled.truths if truth != {NOTHING}])
        report_details(sounding(results[0]))
        report_time(encoder, photos, files)
        whole.append(results[0])
    report_confidence(whole)


def sounding(result: Result) -> Result:
    kept = [at for at, truth in enumerate(result.truths) if truth != {NOTHING}]
    truths, matches = ([rows[at] for at in kept] for rows in (result.truths, result.matches))
    return Result(result.name, truths, matches)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Labelled:
    """File names, and each one's categories and source."""

    files: list[str]
    truths: list[set[str]]
    sources: list[str]


def read_labels(folder: Path) -> Labelled:
    with (folder / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return Labelled(
        [row["file"] for row in rows],
        [set(row["categories"].split(";")) for row in rows],
        [row.get("source") or row.get("source_repo") or row["file"] for row in rows],
    )


def ways(
    encoder: Encoder, encodings: list[PhotoEncoding], truths: list[set[str]], cache: Path
) -> list[Result]:
    """The product's own ranking first, then ESC-50 alone, its parts and the bare names.

    Photos are labelled with the fifty, so a category beyond them can only displace a hit.
    """
    catalogue, texts = described(encoder, load_catalogue()), TextVectors(cache)
    vectors = prompt_vectors(encoder, texts, catalogue)
    named: list[Category] = [
        replace(category, prompts=(category.slug.replace("_", " "),)) for category in catalogue
    ]
    names = prompt_vectors(encoder, texts, named)

    def way(
        name: str,
        change: Callable[[PhotoEncoding], PhotoEncoding] = lambda encoding: encoding,
        mode: str = FAITHFUL,
        among: Sequence[Category] = catalogue,
    ) -> Result:
        found = [rank(change(each), among, vectors, mode=mode) for each in encodings]
        return Result(name, truths, found)

    fifty = [category for category in catalogue if category.target is not None]
    results = [way("faithful"), way("calm", mode=CALM)]
    results += [
        way("faithful, ESC-50", among=fifty),
        way("calm, ESC-50", mode=CALM, among=fifty),
    ]
    if encodings[0].support is not None:
        results += [
            way("without gates", lambda each: replace(each, scene=NOTHING_SAID)),
            way("by meaning alone", lambda each: replace(each, support=None)),
            way("by knowledge alone", lambda each: replace(each, vectors=each.vectors * 0)),
        ]
    bare = [rank(replace(e, support=None), named, names, mode=FAITHFUL) for e in encodings]
    return [*results, Result("bare names", truths, bare)]


def report(result: Result) -> None:
    """Print both rates with their intervals."""
    rates = []
    for first in (1, 3):
        hits = result.hits(first)
        low, high = interval(hits)
        rates.append(f"top-{first} {hits.mean():.3f} [{low:.3f}, {high:.3f}]")
    print(f"{result.name:20s} {', '.join(rates)} of {len(result.truths)} photos")


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
            found[0].category
            for found, member, hit in zip(result.matches, mine, first, strict=True)
            if member and not hit
        )
        instead = ", ".join(f"{slug} {count}" for slug, count in wrong.most_common())
        counts = f"{first[mine].sum():3d} {third[mine].sum():3d} of {mine.sum():3d}"
        print(f"  {category.slug:18s} {counts}{'   instead: ' + instead if instead else ''}")


def report_time(encoder: Encoder, photos: list[Image.Image], files: list[bytes]) -> None:
    """One photo at a time from its pixels, and all of them in bulk from their files."""
    seconds = []
    for photo in photos:
        started = time.perf_counter()
        encoder.encode_photos([photo])
        seconds.append(time.perf_counter() - started)
    started = time.perf_counter()
    encoder.encode_photos([read_photo(data, least_side=448).image for data in files])
    rate = len(files) / (time.perf_counter() - started)
    print(f"{statistics.median(seconds) * 1e3:.0f} ms per photo, {rate:.1f} photos/s in bulk")


def report_confidence(results: list[Result]) -> None:
    """Print how often matches of some confidence fit, and on what photos the encoder is unsure."""
    firsts = [
        (found[0], truth)
        for each in results
        for found, truth in zip(each.matches, each.truths, strict=True)
    ]
    if firsts[0][0].confidence is None:
        return
    pairs = [
        (float(match.confidence or 0.0), match.category in truth)
        for each in results
        for found, truth in zip(each.matches, each.truths, strict=True)
        for match in found[:3]
    ]
    said, right = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    print("\nConfidence of the first three, all photos: said, right, count")
    for low in np.arange(0.0, 1.0, 0.2):
        if (within := (said >= low) & (said < low + 0.2)).any():
            print(f"  {said[within].mean():.2f} {right[within].mean():.2f} {within.sum():4d}")
    print(f"Brier score {((said - right) ** 2).mean():.3f}")
    for name, is_nothing in (("sounding", False), ("labelled nothing", True)):
        mine = [match for match, truth in firsts if (truth == {NOTHING}) is is_nothing]
        unsure = sum((match.confidence or 0.0) < UNSURE for match in mine)
        print(f"Said to be unsure: {unsure} of {len(mine)} photos {name}")


def report_chance(truths: list[set[str]]) -> None:
    """Print the expected rates of three categories drawn at random."""
    count = len(load_catalogue())
    misses = np.array([len(truth) for truth in truths])
    one = misses / count
    three = 1 - np.prod([(count - misses - k) / (count - k) for k in range(3)], axis=0)
    print(f"Chance: top-1 {one.mean():.3f}, top-3 {three.mean():.3f}")


if __name__ == "__main__":
    main()
