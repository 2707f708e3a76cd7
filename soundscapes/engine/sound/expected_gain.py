"""The gain of a mix, expected before anything is mixed, so that players need not wait.

Different sounds are not correlated, so their powers add. The course of a clip's power follows its
waveform, its level its measured loudness. `benchmarks/loudness.py` prints the error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundscapes.engine.sound.clips import Clip
from soundscapes.engine.sound.loudness import HOP, HOPS_PER_GATE, gated_loudness, levelling_gain
from soundscapes.engine.sound.mixer import Occurrence, occurrences
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.samples import SAMPLE_RATE, to_decibels, to_ratio

MUFFLED_DB = -2.4
"""What the greatest distance takes from the loudness of half of the bank's clips, or more."""

Powers = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class _Course:
    """The power of a clip, summed up to points in time: seconds of its file, and energies."""

    times: Powers
    energies: Powers

    def between(self, edges: Powers) -> Powers:
        return np.diff(np.interp(edges, self.times, self.energies))


def expected_gain_db(plan: Plan, clips: Mapping[str, Clip]) -> float:
    """Return the expected gain in dB without the limiter's. `clips` has all that the plan plays."""
    total = round(plan.duration * SAMPLE_RATE)
    powers = np.zeros(-(-total // HOP))
    courses = {checksum: _course(clip) for checksum, clip in clips.items()}
    for layer in plan.layers:
        share = to_ratio(MUFFLED_DB * layer.distance) ** 2
        for event in layer.events:
            for each in occurrences(event, layer, total):
                _add(powers, each, courses[event.clip], event.rate, share)
    return to_decibels(levelling_gain(powers, plan.target_lufs))


def _course(clip: Clip) -> _Course:
    count = max(1, round(clip.duration * SAMPLE_RATE / HOP))
    peaks = np.array(clip.peaks or (1.0,))
    places = (np.arange(count) + 0.5) * (len(peaks) / count) - 0.5
    powers = np.interp(places, np.arange(len(peaks)), peaks) ** 2
    padded = np.pad(powers, (0, max(0, HOPS_PER_GATE + 1 - count)))
    level = to_ratio(clip.loudness - gated_loudness(padded)) ** 2 if powers.any() else 0.0
    times = clip.start + np.arange(count + 1) * (HOP / SAMPLE_RATE)
    return _Course(times, np.concatenate(([0.0], np.cumsum(powers * level))))


def _add(
    powers: Powers, occurrence: Occurrence, course: _Course, rate: float, share: float
) -> None:
    """Add `share` of the power of an occurrence, played `rate` times as fast."""
    begin, end = max(0, occurrence.start), min(occurrence.stop, len(powers) * HOP)
    first, last = begin // HOP, -(-end // HOP)
    edges = np.clip(np.arange(first, last + 1) * HOP, begin, end) - occurrence.start
    brought = course.between((edges + occurrence.offset) * (rate / SAMPLE_RATE)) / rate
    middles = (edges[1:] + edges[:-1]) / 2
    left = occurrence.stop - occurrence.start - middles
    fades = _fade(middles, occurrence.fade_in) * _fade(left, occurrence.fade_out)
    powers[first:last] += brought * fades * share * np.square(occurrence.gains).sum()


def _fade(passed: Powers, length: int) -> Powers:
    """Return the power of a quarter sine, `passed` samples into a fade."""
    return np.asarray(np.sin(np.pi / 2 * np.minimum(1, passed / max(1, length))) ** 2)
