"""Template filters of pages."""

from collections.abc import Sequence

from django import template
from django.template import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst, get_text_list

from soundscapes.engine.catalogue import Kind
from soundscapes.engine.matching.evidence import levels
from soundscapes.limits import storage
from soundscapes.models import Category, Generation, Similarity, State

register = template.Library()

STAGES = ((State.QUEUED, "Waiting"), (State.MATCHING, "Matching"), (State.RENDERING, "Mixing"))
PLAYS = {
    Kind.BED.value: "Plays throughout.",
    Kind.OCCASIONAL.value: "Comes and goes.",
    Kind.STARTLING.value: "Plays rarely, and softly in calm mode.",
}
EVERYWHERE = 0.7  # of the image: evidence that has no place
CENTRE = 0.2  # up to here a sound is said to be in the middle


@register.filter
def stages(generation: Generation) -> list[dict[str, str]]:
    """Return the stages from queue to sound, and the current one."""
    states = [state for state, _label in STAGES]
    current = states.index(State(generation.state)) if generation.state in states else len(states)
    return [
        {"label": label, "status": "done" if at < current else "current" if at == current else ""}
        for at, (_state, label) in enumerate(STAGES)
    ]


@register.filter
def waveform_path(peaks: list[int]) -> str:
    """Turn peaks (0 to 100) into an SVG path mirrored about height 50."""
    return "".join(
        f"M{x}.5 {50 - max(peak, 1) / 2:g}V{50 + max(peak, 1) / 2:g}"
        for x, peak in enumerate(peaks)
    )


@register.filter
def options(similarities: Sequence[Similarity], chosen: Category) -> SafeString:
    """Return the options of a layer's category."""
    categories = [row.category for row in similarities]
    if not categories and not chosen.is_private:
        categories = [chosen]
    rows = (
        (category.slug, " selected" if category == chosen else "", capfirst(category.label))
        for category in categories
    )
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


@register.filter
def plays(kind: str) -> str:
    return PLAYS.get(kind, "")


@register.filter
def place(position: float) -> str:
    if abs(position) <= CENTRE:
        return "in the middle"
    return "on the left" if position < 0 else "on the right"


@register.filter
def found(similarity: Similarity) -> str:
    """Say where in the image the evidence is."""
    if similarity.extent > EVERYWHERE:
        return "all over the image"
    height = "top" if similarity.y < -CENTRE else "bottom" if similarity.y > CENTRE else ""
    if not height:
        return f"{place(similarity.position)} of the image"
    side = {True: "", False: " left" if similarity.position < 0 else " right"}
    return f"at the {height}{side[abs(similarity.position) <= CENTRE]} of the image"


@register.filter
def heat(grid: str) -> SafeString:
    """Return the cells of an evidence grid that show something, as squares with their opacity."""
    cells = (
        (x, y, round(level, 2))
        for y, row in enumerate(levels(grid))
        for x, level in enumerate(row)
        if level
    )
    return format_html_join("", '<rect x="{}" y="{}" width="1" height="1" opacity="{}"/>', cells)


@register.filter
def heat_size(grid: str) -> str:
    """Return columns and rows of an evidence grid, as in an SVG's view box."""
    rows = levels(grid)
    return f"{len(rows[0])} {len(rows)}"


@register.filter
def percent(share: float) -> str:
    return f"{round(100 * share)} %"


@register.filter
def share_of(score: float, best: float) -> float:
    """Return a bar's length in percent of the best score."""
    return round(100 * max(0.0, score) / best, 1) if best > 0 else 0.0


@register.filter
def decibels(gain: float) -> str:
    """Format a relative level: +3 dB, 0 dB, −6 dB."""
    sign = "+" if gain > 0 else "−" if gain < 0 else ""
    return f"{sign}{abs(gain):g} dB"


@register.filter
def side(position: float) -> str:
    """Format a stereo position: left 40 %, centre, right 15 %."""
    percent = round(abs(position) * 100)
    if percent == 0:
        return "centre"
    return f"{'left' if position < 0 else 'right'} {percent} %"


@register.filter
def length_of(seconds: int) -> str:
    """Format seconds: 30 s, 2 min, 1 min 30 s, 1 h."""
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


@register.filter
def in_words(generation: Generation) -> str:
    """Describe the sounds and their sides for screen readers."""
    sounds = [
        layer.category.label
        if abs(layer.position) <= CENTRE
        else f"{layer.category.label} {place(layer.position)}"
        for layer in generation.layers.all()
    ]
    heard = f": {get_text_list(sounds, 'and')}" if sounds else ""
    return f"A soundscape of {length_of(generation.duration)} that loops without a seam{heard}."


@register.simple_tag(takes_context=True)
def absolute(context: Context, path: str) -> str:
    address: str = context["request"].build_absolute_uri(path)
    return address


@register.filter
def size_of(size: int) -> str:
    return storage.in_words(size)
