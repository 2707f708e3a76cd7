"""Layer requests for the planner, built from a ranking."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import pstdev

from soundscapes.engine.catalogue import Category, Kind
from soundscapes.engine.errors import EngineError
from soundscapes.engine.layer_choices import LayerChoice
from soundscapes.engine.matching.matcher import Match, reason
from soundscapes.engine.modes import CALM
from soundscapes.engine.sound.clips import OWN, Clip
from soundscapes.engine.sound.planner import LayerRequest

MAX_CALM_BEDS = 2
"""Three sounds that run throughout are heard as one noise."""


def layer_requests(
    matches: Sequence[Match], categories: Iterable[Category], count: int, mode: str = CALM
) -> list[LayerRequest]:
    """Return the best `count` matches as layers. Raise EngineError if that is none.

    In calm mode, the next best sounds that come and go take the places of further beds.
    """
    by_slug = {category.slug: category for category in categories}
    if count < 1:
        raise EngineError(f"A soundscape has at least one layer, not {count}.")
    if not matches:
        raise EngineError(
            "No sounds are available: every category is disabled or has no clips. "
            "Run `manage.py setup`, or enable categories in the admin."
        )
    return [
        LayerRequest(
            category=match.category,
            kind=by_slug[match.category].kind,
            gain_db=by_slug[match.category].gain_db,
            rank=place,
            score=match.score,
            position=match.position,
            reason=reason(match),
            y=match.y,
            extent=match.extent,
            confidence=match.confidence,
            lag=_lag(match, matches),
        )
        for place, match in enumerate(_leading(matches, by_slug, count, mode), start=1)
    ]


def _leading(
    matches: Sequence[Match], categories: Mapping[str, Category], count: int, mode: str
) -> list[Match]:
    """Return the matches that become layers, best first."""
    if mode != CALM:
        return list(matches[:count])
    leading: list[Match] = []
    beds = 0
    for match in matches:
        kind = categories[match.category].kind
        beds += kind is Kind.BED
        is_surplus = kind is Kind.BED and beds > MAX_CALM_BEDS
        is_late = kind is Kind.STARTLING and match.rank > count
        if not (is_surplus or is_late):
            leading.append(match)
    return leading[:count]


def _lag(match: Match, matches: Sequence[Match]) -> float:
    """Return how far the score is behind the best, in standard deviations of all scores."""
    scores = [each.score for each in matches]
    return (max(scores) - match.score) / max(pstdev(scores), 1e-6)


def remix_requests(
    matches: Sequence[Match],
    categories: Iterable[Category],
    choices: Iterable[LayerChoice],
    count: int,
    mode: str = CALM,
) -> list[LayerRequest]:
    """Return the chosen layers; one that is not among `layer_requests` says so in its reason.

    An own recording without a category has no match. Raise EngineError for an unavailable category,
    or if every layer is muted.
    """
    by_slug = {category.slug: category for category in categories}
    found = {slug: Match(slug, 0.0, 0, 0.0, "") for slug in by_slug if slug.startswith(OWN)}
    found |= {match.category: match for match in matches}
    heard = [choice for choice in choices if not choice.is_muted]
    for choice in heard:
        if choice.category not in found or choice.category not in by_slug:
            raise EngineError(
                f"The sound “{choice.category.replace('_', ' ')}” is no longer available. "
                "Choose another one."
            )
    if not heard:
        raise EngineError("Every layer is muted. Unmute at least one.")
    leading = {match.category for match in _leading(matches, by_slug, count, mode)}
    return [
        _chosen(choice, matches, found[choice.category], by_slug[choice.category], leading)
        for choice in heard
    ]


def _chosen(
    choice: LayerChoice,
    matches: Sequence[Match],
    match: Match,
    category: Category,
    leading: Collection[str],
) -> LayerRequest:
    is_leading = match.category in leading
    return LayerRequest(
        category=choice.category,
        kind=category.kind,
        gain_db=category.gain_db + choice.gain_db,
        rank=choice.place,
        score=match.score,
        position=match.position if choice.position is None else choice.position,
        reason=reason(match) if is_leading else _by_hand(match, len(matches)),
        clip=choice.clip,
        y=match.y,
        extent=match.extent,
        confidence=match.confidence if is_leading else None,
        lag=_lag(match, matches) if is_leading else None,
    )


def _by_hand(match: Match, count: int) -> str:
    if not match.rank:
        return "Chosen by hand: a recording of your own."
    return f"Chosen by hand; number {match.rank} of {count} for this image. {reason(match)}"


def preferred_clips(
    clips: Iterable[Clip], mixed: Collection[str] = frozenset()
) -> dict[str, list[Clip]]:
    """Group clips by category, preferring recordings except in `mixed` categories."""
    by_category: dict[str, list[Clip]] = {}
    for clip in clips:
        by_category.setdefault(clip.category, []).append(clip)
    return {
        slug: sorted(
            some if slug in mixed else _recordings_first(some), key=lambda clip: clip.checksum
        )
        for slug, some in by_category.items()
    }


def _recordings_first(clips: list[Clip]) -> list[Clip]:
    return [clip for clip in clips if clip.source != "synthesised"] or clips


def clip_paths(clips: Iterable[Clip]) -> dict[str, Path]:
    return {clip.checksum: clip.path for clip in clips if clip.path is not None}
