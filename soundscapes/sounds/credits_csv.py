"""Credits of several files: defaults, and a table with the credits of each file."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePosixPath

from soundscapes.files.upload_bundles import CREDITS_NAME, Item, RefusedItemError
from soundscapes.models.text import cleaned


@dataclass(frozen=True, slots=True)
class Credit:
    """Credits of a file. Unknown ones are empty."""

    title: str = ""
    author: str = ""
    source: str = ""
    licence: str = ""


NAMES = tuple(each.name for each in fields(Credit))


@dataclass(frozen=True, slots=True)
class CreditList:
    default: Credit
    of: Mapping[str, Credit] = field(default_factory=dict)

    def credit(self, item: Item) -> Credit:
        """Return a file's own values, else the defaults. The title defaults to the file name."""
        own = self.of.get(item.name) or self.of.get(PurePosixPath(item.name).name) or Credit()
        joined = {name: getattr(own, name) or getattr(self.default, name) for name in NAMES}
        return replace(Credit(**joined), title=joined["title"] or item.title)


def without_credits(items: Iterable[Item], default: Credit) -> tuple[list[Item], CreditList]:
    """Separate the files from their credits.csv.

    Its first line names the columns: file, and any of title, author, source and licence.
    """
    items = list(items)
    tables = [item for item in items if PurePosixPath(item.name).name.lower() == CREDITS_NAME]
    named: dict[str, Credit] = {}
    for table in tables:
        named |= _read(table)
    return [item for item in items if item not in tables], CreditList(default, named)


def _read(table: Item) -> dict[str, Credit]:
    try:
        text = cleaned(table.read().decode("utf-8-sig", "replace"))
    except RefusedItemError:
        return {}
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error:
        return {}
    return {
        row["file"].strip(): Credit(**{name: (row.get(name) or "").strip() for name in NAMES})
        for row in rows
        if row.get("file")
    }
