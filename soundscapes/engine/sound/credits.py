"""Credits and effective licence of a soundscape."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from soundscapes.engine.sound.clips import OWN
from soundscapes.engine.sound.plan import Credit, Plan

SOFTWARE = "Soundscapes"


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence's name, and its requirements in one sentence."""

    name: str
    terms: str


CC0 = Licence("CC0", "Free for any use; no credit is required.")
BY = Licence("CC BY", "Free for any use if you give the credits.")
SAMPLING = Licence(
    "CC Sampling+", "Free for any use except advertising if you change it and give the credits."
)
BY_SA = Licence(
    "CC BY-SA", "Free for any use if you give the credits and share adaptations under this licence."
)
BY_NC = Licence("CC BY-NC", "Free for non-commercial use if you give the credits.")
BY_NC_SA = Licence(
    "CC BY-NC-SA",
    "Free for non-commercial use if you give the credits and share adaptations under this licence.",
)
BY_ND = Licence("CC BY-ND", "You may only share it unchanged, with the credits.")
UNKNOWN = Licence("See the credits", "A clip has its own terms: ask its author before use.")

FROM_FREE_TO_STRICT = (CC0, BY, SAMPLING, BY_SA, BY_NC, BY_NC_SA, BY_ND, UNKNOWN)


def credit_line(credit: Credit) -> str:
    """Join the credit's title, author, licence, data set and URL, as far as they are known."""
    parts = (f"“{credit.title}” by {credit.author}", credit.licence, credit.collection, credit.url)
    return ", ".join(part for part in parts if part)


def credits_text(plan: Plan) -> str:
    lines = [f"Soundscape of {_names(plan)}", ""]
    for category in dict.fromkeys(credit.category for credit in plan.credits):
        name = _name(category, plan)
        lines.append(f"{name[:1].upper()}{name[1:]}:")
        lines += [f"- {credit_line(c)}" for c in plan.credits if c.category == category]
    return "\n".join(lines) + "\n"


def write_credits(plan: Plan, audio: Path) -> Path:
    """Write the credits next to an audio file: `out.wav` gets `out.txt`."""
    path = audio.with_suffix(".txt")
    path.write_text(credits_text(plan), encoding="utf-8")
    return path


def file_information(plan: Plan) -> dict[str, str]:
    """Return RIFF INFO: title, authors, licences, full credits, and the program."""
    return {
        "INAM": f"Soundscape of {_names(plan)}",
        "IART": _list(credit.author for credit in plan.credits),
        "ICOP": _list(c for credit in plan.credits for c in (credit.licence, credit.collection)),
        "ICMT": credits_text(plan),
        "ISFT": SOFTWARE,
    }


def _names(plan: Plan) -> str:
    return _list(_name(layer.category, plan) for layer in plan.layers)


def _name(category: str, plan: Plan) -> str:
    """Return the category in words, or the title of an own recording that has none."""
    if category.startswith(OWN):
        return next(credit.title for credit in plan.credits if credit.category == category)
    return category.replace("_", " ")


def _list(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(value for value in values if value))


def effective_licence(used: Iterable[Credit]) -> Licence:
    """Return the strictest licence of the clips and their data sets."""
    texts = [text for credit in used for text in (credit.licence, credit.collection) if text]
    found = [_licence(text) for text in texts]
    return max(found, key=FROM_FREE_TO_STRICT.index, default=CC0)


def _licence(text: str) -> Licence:
    words = set(re.findall(r"[A-Z0-9]+", text.upper()))
    if "CC0" in words or {"PUBLIC", "DOMAIN"} <= words:
        return CC0
    if "SAMPLING" in words:
        return SAMPLING
    if "BY" not in words:
        return UNKNOWN
    if "ND" in words:
        return BY_ND
    return {
        (False, False): BY,
        (False, True): BY_SA,
        (True, False): BY_NC,
        (True, True): BY_NC_SA,
    }["NC" in words, "SA" in words]
