"""Chains: a recording drawn out to any length, as a ring of crossfaded stretches.

As in Fröjd and Horner, "Sound texture synthesis using an overlap-add/granular synthesis approach",
Journal of the AES 57(1/2), 2009, stretches of random lengths follow each other; where one goes on
is chosen among the places of the recording that sound like what would have come
(`texture.Texture`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from soundscapes.engine.sound.beds.texture import HOP, Texture
from soundscapes.engine.sound.samples import SAMPLE_RATE

SHORTEST, LONGEST = (0.8, 3.0), (1.6, 8.0)  # seconds of a stretch, in a short and a long recording
FADE = 1 / 3  # of the shortest stretch
ELSEWHERE = HOP * 5  # samples that a jump leads away, at least
CHOICE = 0.2  # of the places, the most similar ones
LEAST_CHOICE = 4
USED_DB = 6.0  # a place that was used lately counts as this much less similar
NEARBY = 3  # frames on either side of it
FORGOTTEN = 0.85  # of that after every stretch
LEAST_LIKENESS = 0.1


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples of a recording from `offset` on, from `start` in the ring, with their fades."""

    offset: int
    start: int
    length: int
    fade: int


def stretches(
    size: int, total: int, texture: Texture | None, random: Generator
) -> tuple[list[Stretch], float]:
    """Draw out a recording of `size` samples to a ring of `total`.

    The last stretch fades into the first. Also return the likeness of what the fades join, from 0
    (noise) to 1. Without a `texture`, stretches begin anywhere.
    """
    walk = _Walk(size, total, texture, random)
    phase = int(random.integers(total))
    ring, likenesses = walk.all()
    typical = round(median(likenesses), 2)
    placed = [replace(stretch, start=(phase + stretch.start) % total) for stretch in ring]
    return placed, typical if typical > LEAST_LIKENESS else 0.0


def continuation(
    size: int, total: int, texture: Texture | None, random: Generator, home: int
) -> list[Stretch]:
    """Draw out a recording for `total` samples more, as a line that can be repeated.

    The first stretch sounds like what follows the place `home` of the recording, and so would what
    follows the last one.
    """
    return _Walk(size, total, texture, random).all(home)[0]


class _Walk:
    """A walk through a recording, from each stretch to one that continues it."""

    def __init__(self, size: int, total: int, texture: Texture | None, random: Generator) -> None:
        seconds = size / SAMPLE_RATE
        longest = min(max(LONGEST[0], seconds / 2), LONGEST[1], 0.8 * seconds) * SAMPLE_RATE
        longest = min(longest, total / 2)
        shortest = min(min(max(SHORTEST[0], seconds / 6), SHORTEST[1]) * SAMPLE_RATE, longest / 2)
        self._fade = int(shortest * FADE)
        self._least, self._most = int(shortest) - self._fade, int(longest) - self._fade
        self._size, self._texture, self._random = size, texture, random
        self._frames = max(1, self._fade // HOP)
        self._used = np.zeros(len(texture.levels) if texture else 0)
        self._total = total

    def all(self, home: int | None = None) -> tuple[list[Stretch], list[float]]:
        """Return stretches that fill the ring, from 0 on, and the likenesses of their joints.

        They begin and end like `home`, a place of the recording, or anywhere.
        """
        self._home = home
        ring: list[Stretch] = []
        likenesses: list[float] = []
        left = self._total
        while left:
            stretch, likeness = self._next(ring, left)
            ring.append(stretch)
            left -= stretch.length - stretch.fade
            likenesses.append(likeness)
        return ring, likenesses

    def _next(self, ring: Sequence[Stretch], left: int) -> tuple[Stretch, float]:
        """Return what follows a ring that lacks `left` samples, and the likeness of the joint."""
        is_last = left <= self._most
        needed = left if is_last else self._least
        spare = self._size - needed - self._fade
        offset, likeness = self._place(ring, spare, needed if is_last else 0)
        if not is_last:
            room = min(self._most, self._size - offset - self._fade, left - self._least)
            needed = int(self._random.integers(self._least, room + 1))
        start = self._total - left
        return Stretch(offset, start, needed + self._fade, self._fade), likeness

    def _place(self, ring: Sequence[Stretch], spare: int, rest: int) -> tuple[int, float]:
        """Return a place, at most `spare`, that resembles what would follow the ring.

        After `rest` samples, if any, it resembles the beginning of the ring, or home.
        """
        before = ring[-1].offset + ring[-1].length - self._fade if ring else self._home
        if self._texture is None or before is None:
            return int(self._random.integers(spare + 1)), 0.0
        cost = self._texture.distances(before, self._frames) + self._used
        if rest:
            ahead = min(rest // HOP, len(cost))
            end = ring[0].offset if self._home is None else self._home
            returning = self._texture.distances(end, self._frames)
            cost[: len(cost) - ahead] += returning[ahead:]
        chosen = self._one_of_the_best(cost, before, spare)
        self._used *= FORGOTTEN
        self._used[max(0, chosen - NEARBY) : chosen + NEARBY + 1] += USED_DB
        offset, likeness = self._texture.aligned(before, chosen * HOP)
        return min(offset, spare), likeness

    def _one_of_the_best(self, cost: NDArray[np.float64], before: int, spare: int) -> int:
        """Return a frame, at most `spare` samples into the recording and away from `before`."""
        frames = np.arange(min(len(cost), spare // HOP + 1))
        away = frames[np.abs(frames * HOP - before) >= ELSEWHERE]
        best = away[np.argsort(cost[away], kind="stable")] if len(away) else frames
        count = min(len(best), max(LEAST_CHOICE, int(CHOICE * len(best))))
        return int(best[self._random.integers(count)])
