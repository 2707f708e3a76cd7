"""Signs of progress in this process, which distinguish stuck jobs from long ones.

Every report of a job is one, and so is every copied block of a file: an hour of audio takes minutes
on a slow network.
"""

import shutil
from collections.abc import Iterator
from time import monotonic
from typing import IO

from django.core.files.base import File

BLOCK = 2**20  # bytes

_latest = monotonic()


def note() -> None:
    global _latest  # shared by all threads of the process
    _latest = monotonic()


def silence() -> float:
    """Return the seconds since the latest sign."""
    return monotonic() - _latest


class WatchedFile(File[bytes]):
    """A file whose every read is a sign of progress."""

    def read(self, size: int = -1) -> bytes:
        note()
        data: bytes = self.file.read(size)  # type: ignore[union-attr]
        return data

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        for chunk in self.file.chunks(chunk_size):  # type: ignore[union-attr]
            note()
            yield chunk


def copy(source: IO[bytes] | File[bytes], target: IO[bytes]) -> None:
    shutil.copyfileobj(WatchedFile(source), target, BLOCK)
