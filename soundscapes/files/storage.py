"""File storage that gives files their final name only when they are complete."""

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages
from django.db.models.fields.files import FieldFile

from soundscapes.files.progress import WatchedFile

UNFINISHED = ".part"
"""Suffix of files that are still being written."""
PROBE_FOLDER = "probes"
"""Where files are stored to see whether the storage accepts any."""


def check_storage() -> None:
    """Raise EngineError, with the setting to change, if files are in a bucket that accepts none."""
    storage: Any = storages["default"]
    if not isinstance(storage, FileSystemStorage):
        storage.check()


def is_stored(file: FieldFile) -> bool:
    """Return whether a column names a file that exists."""
    return bool(file) and file.storage.exists(str(file.name))


class _MadeFile(File[bytes]):
    """A file of a working folder, which a storage on the same disk moves instead of copying."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def keep_file(field: FieldFile, made: Path) -> None:
    """Store a file of a working folder under its own name, without saving its row."""
    with made.open("rb") as file:
        field.save(made.name, _MadeFile(file), save=False)


def discard_file(field: FieldFile, name: str) -> None:
    """Delete the file that the row names, and the one that a killed attempt stored as `name`."""
    for each in {str(field), field.field.generate_filename(field.instance, name)} - {""}:
        field.storage.delete(each)


class WholeFileStorage(FileSystemStorage):
    """Write under a temporary name first: Django leaves half a file after a full disk or a kill.

    A failure deletes the partial file. A killed process leaves one with a recognisable name.
    """

    def _save(self, name: str, content: Any) -> str:
        folder, _slash, last = name.rpartition("/")
        part = str(Path(folder) / f".{last}-{uuid4().hex[:8]}{UNFINISHED}")
        try:
            if not self._is_moved(content):
                content = WatchedFile(content)
            super()._save(part, content)  # type: ignore[misc]
            return self._take_place(part, name)
        except BaseException:
            self.delete(part)
            raise

    def _is_moved(self, content: Any) -> bool:
        """Return whether the content is a file that can be renamed instead of copied."""
        if not hasattr(content, "temporary_file_path"):
            return False
        Path(self.location).mkdir(parents=True, exist_ok=True)
        return (
            Path(content.temporary_file_path()).stat().st_dev == Path(self.location).stat().st_dev
        )

    def _take_place(self, part: str, name: str) -> str:
        """Rename the finished file without overwriting another one."""
        while True:
            try:
                os.close(os.open(self.path(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            except FileExistsError:
                name = self.get_available_name(name)
                continue
            Path(self.path(part)).replace(self.path(name))
            return name
