"""From vectors to a ranking of categories."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Match:
    """How well one category fits a photo.

    `score` is a cosine similarity (-1 to 1), not a probability. `rank` starts at 1. `position` is
    where in the picture it was found, from left (-1) to right (1). `prompt` is the description
    that fitted best, `labels` the photo's own words that brought it (offline encoder only).
    """

    category: str
    score: float
    rank: int
    position: float
    prompt: str
    labels: tuple[str, ...] = ()
