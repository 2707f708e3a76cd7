"""Signs of progress in this process, by which stuck jobs are told from long ones.

Every report of a job is one, and so is every block of a file that is copied: an hour of sound takes
minutes on a slow network.
"""

import shutil
from collections.abc import Iterator
from time import monotonic
from typing import IO

from django.core.files.base import File

BLOCK = 2**20  # bytes

_latest = monotonic()


def note() -> None:
    global _latest  # of the process, whatever its threads do
    _latest = monotonic()


def silence() -> float:
    """Return seconds since the latest sign."""
    return monotonic() - _latest


class WatchedFile(File[bytes]):
    """A file of which each block that is read is a sign of progress."""

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
