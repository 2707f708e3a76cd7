"""Layer requests for the planner, built from a ranking."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from soundscapes.engine.catalogue import Category
from soundscapes.engine.errors import EngineError
from soundscapes.engine.matching.matcher import Match, reason
from soundscapes.engine.sound.clips import Clip
from soundscapes.engine.sound.layer_choices import LayerChoice
from soundscapes.engine.sound.planner import LayerRequest


def layer_requests(
    matches: Sequence[Match], categories: Iterable[Category], count: int
) -> list[LayerRequest]:
    """Return the first `count` matches as layers. Raise EngineError if there are none."""
    by_slug = {category.slug: category for category in categories}
    if not matches:
        raise EngineError(
            "No sounds are available: every category is disabled or has no clips. "
            "Run `python manage.py setup`, or enable categories in the admin."
        )
    return [
        LayerRequest(
            category=match.category,
            kind=by_slug[match.category].kind,
            gain_db=by_slug[match.category].gain_db,
            rank=match.rank,
            score=match.score,
            position=match.position,
            reason=reason(match),
            y=match.y,
            extent=match.extent,
            confidence=match.confidence,
        )
        for match in matches[:count]
    ]


def remix_requests(
    matches: Sequence[Match],
    categories: Iterable[Category],
    choices: Iterable[LayerChoice],
    count: int,
) -> list[LayerRequest]:
    """Return the chosen layers; a choice outside the first `count` matches says so in its reason.

    Raise EngineError for an unavailable category, or if every layer is muted.
    """
    by_slug = {category.slug: category for category in categories}
    found = {match.category: match for match in matches}
    heard = [choice for choice in choices if not choice.is_muted]
    for choice in heard:
        if choice.category not in found or choice.category not in by_slug:
            raise EngineError(
                f"The sound “{choice.category.replace('_', ' ')}” is no longer available. "
                "Choose another one."
            )
    if not heard:
        raise EngineError("Every layer is muted. Unmute at least one.")
    return [
        _chosen(choice, found[choice.category], by_slug[choice.category], count, len(matches))
        for choice in heard
    ]


def _chosen(
    choice: LayerChoice, match: Match, category: Category, count: int, total: int
) -> LayerRequest:
    words = reason(match)
    if match.rank > count:
        words = f"Chosen by hand; number {match.rank} of {total} for this image. {words}"
    return LayerRequest(
        category=choice.category,
        kind=category.kind,
        gain_db=category.gain_db + choice.gain_db,
        rank=choice.place,
        score=match.score,
        position=match.position if choice.position is None else choice.position,
        reason=words,
        clip=choice.clip,
        y=match.y,
        extent=match.extent,
        confidence=match.confidence if match.rank <= count else None,
    )


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
