"""Stored audio, read in another form: with another title, or as WAV instead of FLAC.

Rendering gives the same bytes for the same plan. They are stored as FLAC, and a file that is
downloaded gets the title that its owner chose only while it is read.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Protocol, cast

from django.core.files.base import File

from soundscapes.engine.sound.audio_files import (
    HEADER_BYTES,
    Samples,
    information_chunk,
    wav_header,
)
from soundscapes.engine.sound.credits import SOFTWARE

BLOCK = 1 << 16
FLAC_MARK = b"fLaC"
_LAST_BLOCK, _COMMENTS, _PADDING = 0x80, 4, 1


class Body(Protocol):
    size: int

    def read_at(self, at: int, length: int) -> bytes:
        """Return 1 to `length` bytes from `at`, which lies before the end."""


class Stretch:
    """`size` bytes of a file from `start`."""

    def __init__(self, file: File[bytes], start: int, size: int) -> None:
        self._file, self._start, self.size = file, start, size

    def read_at(self, at: int, length: int) -> bytes:
        self._file.seek(self._start + at)
        data: bytes = self._file.read(min(length, self.size - at))
        return data


class JoinedFile(io.RawIOBase):
    """A head, a part of a stored file and a tail, as a seekable file."""

    def __init__(self, file: File[bytes], head: bytes, body: Body, tail: bytes = b"") -> None:
        self._file, self._head, self._body, self._tail = file, head, body, tail
        self._end = len(head) + body.size
        self.size = self._end + len(tail)
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
        start = len(self._head)
        if self._at < start:
            return self._head[self._at :][:length]
        if self._at >= self._end:
            return self._tail[self._at - self._end :][:length]
        return self._body.read_at(self._at - start, min(length, self._end - self._at))

    def chunks(self) -> Iterator[bytes]:
        while data := self.read(BLOCK):
            yield data

    def close(self) -> None:
        self._file.close()
        super().close()


def as_wav(file: File[bytes], title: str = "") -> JoinedFile | File[bytes]:
    """Read a stereo FLAC or WAV file of the renderer as WAV; a `title` replaces its own."""
    if _is_flac(file):
        return _decoded(file, title)
    return _retitled(file, title) if title else file


def _decoded(file: File[bytes], title: str) -> JoinedFile:
    samples = Samples(cast("BinaryIO", file), SOFTWARE)
    tail = _tail(samples.information, title)
    return JoinedFile(file, wav_header(samples.size, len(tail)), samples, tail)


def _retitled(file: File[bytes], title: str) -> JoinedFile:
    head: bytes = file.read(HEADER_BYTES)
    (size,) = struct.unpack_from("<I", head, HEADER_BYTES - 4)
    file.seek(HEADER_BYTES + size)
    tail = _tail(_information(file.read()), title)
    head = head[:4] + struct.pack("<I", HEADER_BYTES - 8 + size + len(tail)) + head[8:]
    return JoinedFile(file, head, Stretch(file, HEADER_BYTES, size), tail)


def _tail(information: Mapping[str, str], title: str) -> bytes:
    return information_chunk({**information, "INAM": title} if title else information)


def as_flac(file: File[bytes], title: str = "") -> JoinedFile:
    """Read a FLAC file with `title` in its tags (RFC 9639, sections 8.1 and 8.6)."""
    file.seek(len(FLAC_MARK))
    blocks = []
    is_last = False
    while not is_last:
        kind, *length = file.read(4)
        is_last, kind = bool(kind & _LAST_BLOCK), kind & ~_LAST_BLOCK
        data = file.read(int.from_bytes(bytes(length)))
        if kind == _COMMENTS and title:
            data = _titled(data, title)
        if kind != _PADDING:
            blocks.append((kind, data))
    head = FLAC_MARK
    for number, (kind, data) in enumerate(blocks, start=1):
        mark = kind | (_LAST_BLOCK if number == len(blocks) else 0)
        head += bytes([mark]) + len(data).to_bytes(3) + data
    start = file.tell()
    return JoinedFile(file, head, Stretch(file, start, file.size - start))


def _titled(comments: bytes, title: str) -> bytes:
    """Replace the title in a block of Vorbis comments."""
    texts = [text for text in _comments(comments) if not text.upper().startswith(b"TITLE=")]
    texts.append(b"TITLE=" + title.encode())
    (length,) = struct.unpack_from("<I", comments)
    rows = b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return comments[: 4 + length] + struct.pack("<I", len(texts)) + rows


def _comments(data: bytes) -> Iterator[bytes]:
    (at,) = struct.unpack_from("<I", data)
    at += 4
    (count,) = struct.unpack_from("<I", data, at)
    for _ in range(count):
        (length,) = struct.unpack_from("<I", data, at + 4)
        at += 4 + length
        yield data[at + 4 - length : at + 4]


def _is_flac(file: File[bytes]) -> bool:
    file.seek(0)
    found: bytes = file.read(len(FLAC_MARK))
    file.seek(0)
    return found == FLAC_MARK


def _information(chunk: bytes) -> dict[str, str]:
    """Return the texts of a LIST chunk by their INFO ids."""
    texts, at = {}, 12
    while at + 8 <= len(chunk):
        name, size = struct.unpack_from("<4sI", chunk, at)
        texts[name.decode("ascii")] = chunk[at + 8 : at + 8 + size].rstrip(b"\0").decode()
        at += 8 + size + size % 2
    return texts
