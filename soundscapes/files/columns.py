"""Model columns that name stored files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of `model` that names files in a folder of the storage.

    `key` is the indexed field whose value begins the name of the file or of its folder, so that
    lookups stay fast with millions of rows. If it is empty, the column itself is searched.

    With `owns_folder`, each row has its own folder, named by its key. The column may then be empty,
    and `having` filters the rows that have a folder. `is_own` returns whether the file is deleted
    with a row. `has_others` says that files without a row belong in the folder, too.
    """

    folder: str
    model: type[models.Model]
    column: str
    key: str = "pk"
    owns_folder: bool = False
    having: Mapping[str, object] = field(default_factory=dict)
    is_own: Callable[[Any], bool] = lambda _row: True
    has_others: bool = False


_columns: list[FileColumn] = []


def register(*columns: FileColumn) -> None:
    _columns.extend(columns)


def columns_of(model: type[models.Model]) -> list[FileColumn]:
    return [column for column in _columns if column.model is model]


def folders() -> dict[str, list[FileColumn]]:
    found: dict[str, list[FileColumn]] = {}
    for column in _columns:
        found.setdefault(column.folder, []).append(column)
    return found
