"""Directories of TIFF ("TIFF Revision 6.0", 1992), BigTIFF and TIFF-based raw photos.

Numbers are read by slices, which never fail, whatever the offset.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from soundscapes.engine.photos import jpeg_structure

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
MAX_DIRECTORIES = 100
MAX_ENTRIES = 100_000

_SIZES = {1: 1, 3: 2, 4: 4, 8: 2, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of each type that is a whole number."""

_SUBFILE, _OLD_SUBFILE, _PHOTOMETRIC, _OFFSETS, _ORIENTATION = 254, 255, 262, 273, 274
_BYTE_COUNTS, _TILE_OFFSETS, _SUB_DIRECTORIES = 279, 324, 330
_JPEG_OFFSET, _JPEG_LENGTH, _DNG_VERSION = 513, 514, 50706
_REDUCED, _MASK, _OLD_REDUCED = 1, 4, 2
_SENSOR = (32803, 34892)  # photometric interpretations: colour filter array, linear raw
MIN_PREVIEW = 1000
"""Pixels of the longer side that a raw photo's preview needs to replace it."""

_DECODED = frozenset(
    (
        *(254, 255, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320),
        *(322, 323, 324, 325, 332, 334, 336, 338, 339, 340, 341, 347, 512, 513, 514, 515, 517),
        *(519, 520, 521, 529, 530, 531, 532),
    )
)
"""Tags that a decoder needs; the others are metadata."""


class Entry(NamedTuple):
    tag: int
    type: int
    amount: int
    at: int  # where its value, or the offset of its values, lies
    raw: bytes


@dataclass(frozen=True, slots=True)
class Directory:
    at: int
    count: int
    entries: tuple[Entry, ...]
    next: int


class Preview(NamedTuple):
    """A raw photo's largest JPEG, and its EXIF orientation."""

    jpeg: bytes
    orientation: int


class Tiff:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._order: Literal["little", "big"] = "little" if data.startswith(b"II") else "big"
        self._is_big = b"+" in data[2:4]
        self._width = 8 if self._is_big else 4  # bytes of an offset
        self._counted = 8 if self._is_big else 2

    def number(self, at: int, size: int) -> int:
        return int.from_bytes(self._data[at : at + size], self._order)

    @property
    def first(self) -> int:
        return self.number(8 if self._is_big else 4, self._width)

    def chain(self) -> Iterator[Directory]:
        """Yield the directories of the pages in order, each once."""
        seen, at = {0}, self.first
        while at not in seen and at < len(self._data):
            seen.add(at)
            directory = self.directory(at)
            yield directory
            at = directory.next

    def directory(self, at: int) -> Directory:
        count = self.number(at, self._counted)
        start, size = at + self._counted, 4 + 2 * self._width
        there = min(count, MAX_ENTRIES, max(0, len(self._data) - start) // size)
        entries = tuple(self._entry(start + n * size, size) for n in range(there))
        return Directory(at, count, entries, self.number(start + count * size, self._width))

    def _entry(self, at: int, size: int) -> Entry:
        count = self.number(at + 4, self._width)
        values = at + 4 + self._width
        raw = self._data[at : at + size]
        return Entry(self.number(at, 2), self.number(at + 2, 2), count, values, raw)

    def numbers(self, directory: Directory, tag: int, most: int = 16) -> list[int]:
        """Return the first integers of a tag, or none if it has another type."""
        entry = next((each for each in directory.entries if each.tag == tag), None)
        if entry is None or entry.type not in _SIZES:
            return []
        size = _SIZES[entry.type]
        is_inside = size * entry.amount <= self._width
        at = entry.at if is_inside else self.number(entry.at, self._width)
        return [self.number(at + n * size, size) for n in range(min(entry.amount, most))]

    def one(self, directory: Directory, tag: int) -> int:
        return next(iter(self.numbers(directory, tag, 1)), 0)

    def without_metadata(self) -> bytes:
        """Return the file with only the entries that a decoder needs."""
        data = bytearray(self._data)
        for directory in islice(self.chain(), MAX_DIRECTORIES):
            kept = [entry for entry in directory.entries if self._is_needed(entry)]
            written = (
                len(kept).to_bytes(self._counted, self._order)
                + b"".join(entry.raw for entry in kept)
                + directory.next.to_bytes(self._width, self._order)
            )
            data[directory.at : directory.at + len(written)] = written
        return bytes(data)

    def _is_needed(self, entry: Entry) -> bool:
        is_orientation = entry.tag == _ORIENTATION and (entry.type, entry.amount) == (3, 1)
        return entry.tag in _DECODED or is_orientation


def pieces(data: bytes) -> range:
    """Return the strips or tiles that the first page declares.

    Reading a directory entry takes as long as fifty strips.
    """
    tiff = Tiff(data)
    directory = next(tiff.chain(), None)
    if directory is None:
        return range(0)
    tags = (_OFFSETS, _TILE_OFFSETS)
    strips = max((entry.amount for entry in directory.entries if entry.tag in tags), default=0)
    return range(min(max(strips, 50 * len(directory.entries)), 2**31))


def full_pages(data: bytes) -> list[int]:
    """Return the numbers of the pages that are neither reduced copies nor masks."""
    tiff = Tiff(data)
    pages = islice(tiff.chain(), MAX_DIRECTORIES)
    return [number for number, page in enumerate(pages) if _is_full(tiff, page)]


def _is_full(tiff: Tiff, page: Directory) -> bool:
    is_reduced = tiff.one(page, _OLD_SUBFILE) == _OLD_REDUCED
    return not (is_reduced or tiff.one(page, _SUBFILE) & (_REDUCED | _MASK))


def is_raw(data: bytes) -> bool:
    """Check for DNG and other files with sensor values instead of an image."""
    tiff = Tiff(data)
    return any(
        tiff.numbers(each, _DNG_VERSION, 1) or tiff.one(each, _PHOTOMETRIC) in _SENSOR
        for each in _all_directories(tiff)
    )


def raw_preview(data: bytes) -> Preview | None:
    """Return the largest JPEG of a raw photo, or None if it is too small."""
    tiff = Tiff(data)
    directories = _all_directories(tiff)
    found = [
        data[at : at + length]
        for each in directories
        for at, length in _jpeg_places(tiff, each)
        if data[at : at + 3] == jpeg_structure.SIGNATURE
    ]
    sizes = [
        frame and (frame.width, frame.height) for frame in map(jpeg_structure.lossy_frame, found)
    ]
    sized = [(size, jpeg) for size, jpeg in zip(sizes, found, strict=True) if size]
    (width, height), jpeg = max(sized, default=((0, 0), b""))
    if max(width, height) < MIN_PREVIEW:
        return None
    return Preview(jpeg, tiff.one(directories[0], _ORIENTATION))


def _all_directories(tiff: Tiff) -> Sequence[Directory]:
    """Return the pages and their subdirectories."""
    pages = list(islice(tiff.chain(), MAX_DIRECTORIES))
    below = [tiff.directory(at) for page in pages for at in tiff.numbers(page, _SUB_DIRECTORIES)]
    return [*pages, *below[:MAX_DIRECTORIES]]


def _jpeg_places(tiff: Tiff, directory: Directory) -> Iterator[tuple[int, int]]:
    for offset, length in ((_JPEG_OFFSET, _JPEG_LENGTH), (_OFFSETS, _BYTE_COUNTS)):
        starts, lengths = (tiff.numbers(directory, tag, 2) for tag in (offset, length))
        if len(starts) == len(lengths) == 1:
            yield starts[0], lengths[0]
