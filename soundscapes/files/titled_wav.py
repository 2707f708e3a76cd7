"""Stored WAV files, read with another title.

Rendering gives the same bytes for the same plan, so a file that is downloaded gets the title that
its owner chose only while it is read.
"""

import io
import os
import struct
from collections.abc import Iterator
from typing import Any

from django.core.files.base import File

from soundscapes.engine.sound.audio_files import HEADER_BYTES, information_chunk

TITLE = "INAM"
BLOCK = 1 << 16


class TitledWav(io.RawIOBase):
    """A WAV file of `writing_wav` with `title` in its INFO chunk, seekable."""

    def __init__(self, file: File[bytes], title: str) -> None:
        self._file = file
        head: bytes = file.read(HEADER_BYTES)
        self._end = HEADER_BYTES + struct.unpack_from("<I", head, HEADER_BYTES - 4)[0]
        file.seek(self._end)
        self._tail = information_chunk(_information(file.read()) | {TITLE: title})
        self.size = self._end + len(self._tail)
        self._head = head[:4] + struct.pack("<I", self.size - 8) + head[8:]
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = self._piece(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _piece(self, length: int) -> bytes:
        """Return bytes from the current position to the end of its part of the file at most."""
        if self._at < HEADER_BYTES:
            return self._head[self._at :][:length]
        if self._at >= self._end:
            return self._tail[self._at - self._end :][:length]
        self._file.seek(self._at)
        data: bytes = self._file.read(min(length, self._end - self._at))
        return data

    def chunks(self) -> Iterator[bytes]:
        while data := self.read(BLOCK):
            yield data

    def close(self) -> None:
        self._file.close()
        super().close()


def _information(chunk: bytes) -> dict[str, str]:
    """Return the texts of a LIST chunk by their INFO ids."""
    texts, at = {}, 12
    while at + 8 <= len(chunk):
        name, size = struct.unpack_from("<4sI", chunk, at)
        texts[name.decode("ascii")] = chunk[at + 8 : at + 8 + size].rstrip(b"\0").decode()
        at += 8 + size + size % 2
    return texts
