"""Further variants of a recipe, between those that it describes."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from numpy.random import Generator

T = TypeVar("T")
NEAREST, FARTHEST = 0.3, 0.7


def among(random: Generator, variant: int, described: Sequence[T]) -> T:
    """Return what is described for `variant`; beyond the last, something between two of them.

    Each parameter has its own share of the two, so that a further variant differs in all of them.
    What cannot be blended, such as rhythms of different lengths, is one's or the other's.
    """
    count = len(described)
    if variant < count:
        return described[variant]
    first, second = described[variant % count], described[(variant + 1) % count]
    blended: T = _between(random, first, second)
    return blended


def _between(random: Generator, first: Any, second: Any) -> Any:
    if isinstance(first, tuple) and len(first) == len(second):
        share = random.uniform(NEAREST, FARTHEST)
        return tuple(_mixed(*pair, share) for pair in zip(first, second, strict=True))
    if is_dataclass(first) and not isinstance(first, type):
        names = [field.name for field in fields(first)]
        values = {n: _between(random, getattr(first, n), getattr(second, n)) for n in names}
        return replace(first, **values)
    return _mixed(first, second, random.uniform(NEAREST, FARTHEST))


def _mixed(first: Any, second: Any, share: float) -> Any:
    """Blend numbers, geometrically if both are positive, and tuples of them with one share."""
    if isinstance(first, tuple) and isinstance(second, tuple) and len(first) == len(second):
        return tuple(_mixed(*pair, share) for pair in zip(first, second, strict=True))
    if not isinstance(first, int | float) or not isinstance(second, int | float):
        return first if share < (NEAREST + FARTHEST) / 2 else second
    is_geometric = first > 0 and second > 0
    value = first ** (1 - share) * second**share if is_geometric else _line(first, second, share)
    return round(value) if isinstance(first, int) and isinstance(second, int) else value


def _line(first: float, second: float, share: float) -> float:
    return first + share * (second - first)
