"""The credits of a soundscape as texts: one beside a file, one inside it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from soundscapes.engine.sound.plan import Credit, Plan

SOFTWARE = "Soundscapes"


def credit_line(credit: Credit) -> str:
    """Title, author, licence, data set and address of a clip, as far as there are any."""
    parts = (f"“{credit.title}” by {credit.author}", credit.licence, credit.collection, credit.url)
    return ", ".join(part for part in parts if part)


def credits_text(plan: Plan) -> str:
    """Who made what is heard in a soundscape: a line for every clip, under its category."""
    lines = [f"Soundscape of {_names(plan)}", ""]
    for category in dict.fromkeys(credit.category for credit in plan.credits):
        lines.append(f"{_plainly(category).capitalize()}:")
        lines += [f"- {credit_line(c)}" for c in plan.credits if c.category == category]
    return "\n".join(lines) + "\n"


def write_credits(plan: Plan, beside: Path) -> Path:
    """The credits as a text beside a sound file, under its name: `out.wav` gets `out.txt`."""
    path = beside.with_suffix(".txt")
    path.write_text(credits_text(plan), encoding="utf-8")
    return path


def file_information(plan: Plan) -> dict[str, str]:
    """What a RIFF INFO chunk says: title, authors, licences, the credits in full, the program."""
    return {
        "INAM": f"Soundscape of {_names(plan)}",
        "IART": _list(credit.author for credit in plan.credits),
        "ICOP": _list(c for credit in plan.credits for c in (credit.licence, credit.collection)),
        "ICMT": credits_text(plan),
        "ISFT": SOFTWARE,
    }


def _names(plan: Plan) -> str:
    return _list(_plainly(layer.category) for layer in plan.layers)


def _plainly(category: str) -> str:
    return category.replace("_", " ")


def _list(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(value for value in values if value))
