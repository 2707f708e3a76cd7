"""Credits of several files: defaults, and a table with the credits of each file."""

import codecs
import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
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
DELIMITERS = ",;\t"  # a comma, and what Excel writes where the comma is in numbers, or as text


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

    Its first line names the columns: file, and any of title, author, source and licence. A table
    that cannot be used stays among the files, and says why when it is read.
    """
    kept: list[Item] = []
    named: dict[str, Credit] = {}
    for item in items:
        if PurePosixPath(item.name).name.lower() != CREDITS_NAME:
            kept.append(item)
            continue
        try:
            named |= _read(item)
        except RefusedItemError as error:
            kept.append(replace(item, read=partial(_refuse, str(error))))
    return kept, CreditList(default, named)


def _refuse(reason: str) -> bytes:
    raise RefusedItemError(reason)


def _read(table: Item) -> dict[str, Credit]:
    """Return the credits by file. Raise RefusedItemError."""
    text = cleaned(_decoded(table.read()))
    head = text.partition("\n")[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=head.count)
    )
    try:
        reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
        rows = list(reader)
    except csv.Error as error:
        raise RefusedItemError(f"The table is damaged ({error}). Export it again.") from error
    if "file" not in reader.fieldnames:
        raise RefusedItemError(
            f"The first line must name the columns file, {', '.join(NAMES)}; file is missing."
        )
    return {
        row["file"].strip().replace("\\", "/"): Credit(
            **{name: (row.get(name) or "").strip() for name in NAMES}
        )
        for row in rows
        if row.get("file")
    }


def _decoded(data: bytes) -> str:
    """Decode what spreadsheet programs export, without the byte order mark."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # Excel's "CSV" in the languages of Western Europe
