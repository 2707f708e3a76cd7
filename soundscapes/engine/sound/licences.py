"""Which licence holds for a mix: the most restrictive of what is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from soundscapes.engine.sound.plan import Credit


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence's name, and in a sentence what it asks of whoever passes the mix on."""

    name: str
    terms: str


CC0 = Licence("CC0", "Free for any use; no credit is needed.")
BY = Licence("CC BY", "Free for any use, if the credits go with it.")
SAMPLING = Licence(
    "CC Sampling+", "May be changed and used, if the credits go with it, but not in advertising."
)
BY_SA = Licence(
    "CC BY-SA", "Free for any use, if the credits and the same licence go with what is made of it."
)
BY_NC = Licence("CC BY-NC", "Not for commercial use; otherwise free, if the credits go with it.")
BY_NC_SA = Licence(
    "CC BY-NC-SA",
    "Not for commercial use; the credits and the same licence go with what is made of it.",
)
BY_ND = Licence("CC BY-ND", "May be passed on unchanged only, with the credits.")
UNKNOWN = Licence("See the credits", "A clip has terms of its own: ask its author before use.")

FROM_FREE_TO_STRICT = (CC0, BY, SAMPLING, BY_SA, BY_NC, BY_NC_SA, BY_ND, UNKNOWN)


def effective_licence(used: Iterable[Credit]) -> Licence:
    """The strictest licence of the clips and of the data sets that they come from."""
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
