"""File storage that names files once they are complete."""

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile

from soundscapes.files.progress import WatchedFile

UNFINISHED = ".part"
"""How the name of a file ends that is still being written."""


def is_stored(file: FieldFile) -> bool:
    """Return whether a column names a file, and that is there."""
    return bool(file) and file.storage.exists(str(file.name))


class WholeFileStorage(FileSystemStorage):
    """Write beside the final name: Django's storage leaves half a file after a full disk or a kill.

    A failure deletes the part; what a killed process leaves is recognisable by its name.
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
        """Return whether the content is a file that gets its name here without being copied."""
        if not hasattr(content, "temporary_file_path"):
            return False
        Path(self.location).mkdir(parents=True, exist_ok=True)
        return (
            Path(content.temporary_file_path()).stat().st_dev == Path(self.location).stat().st_dev
        )

    def _take_place(self, part: str, name: str) -> str:
        """Rename the finished file without overwriting another."""
        while True:
            try:
                os.close(os.open(self.path(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            except FileExistsError:
                name = self.get_available_name(name)
                continue
            Path(self.path(part)).replace(self.path(name))
            return name
