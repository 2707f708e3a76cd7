"""Rows as a page shows them."""

from __future__ import annotations

from django import template

from soundscapes.models import Generation, State

register = template.Library()

STAGES = ((State.QUEUED, "Waiting"), (State.MATCHING, "Matching"), (State.RENDERING, "Mixing"))
CENTRE = 0.2  # up to here a sound is said to be in the middle


@register.filter
def stages(generation: Generation) -> list[dict[str, str]]:
    """The way from the queue to the sound, and where on it this one is."""
    states = [state for state, _label in STAGES]
    current = states.index(State(generation.state)) if generation.state in states else len(states)
    return [
        {"label": label, "status": "done" if at < current else "current" if at == current else ""}
        for at, (_state, label) in enumerate(STAGES)
    ]


@register.filter
def waveform_path(peaks: list[int]) -> str:
    """Peaks (0 to 100) as an SVG path, mirrored about the middle of a height of 100."""
    return "".join(
        f"M{x}.5 {50 - max(peak, 1) / 2:g}V{50 + max(peak, 1) / 2:g}"
        for x, peak in enumerate(peaks)
    )


@register.filter
def place(position: float) -> str:
    """Where in the picture something was found, in words."""
    if abs(position) <= CENTRE:
        return "in the middle"
    return "on the left" if position < 0 else "on the right"


@register.filter
def share_of(score: float, best: float) -> float:
    """How long the bar of a score is, in percent of the best one's."""
    return round(100 * max(0.0, score) / best, 1) if best > 0 else 0.0
