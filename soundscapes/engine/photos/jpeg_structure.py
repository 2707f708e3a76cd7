"""Segments of JPEG files by ITU-T T.81, Annex B."""

import re
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = b"\xff\xd8\xff"

_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")  # and what follows
_EOI, _SOS, _COMMENT, _ADOBE = 0xD9, 0xDA, 0xFE, 0xEE
_SEQUENTIAL, _LOSSY = (0xC0, 0xC1), (0xC0, 0xC1, 0xC2)
_BETWEEN_SCANS = (0xC4, 0xDA, 0xDB, 0xDC, 0xDD, 0xFE)
_END = b"\xff\xd9"
_FILLER = b"".join(b"\x55\xaa\x5a" * 1000 + bytes((0xFF, 0xD0 + n % 8)) for n in range(24))
"""Bytes that no image contains, in any restart interval: their pixels show missing data."""


class Frame(NamedTuple):
    width: int
    height: int
    is_sequential: bool
    components: int


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield each marker of the first image with the offset behind it and behind its segment.

    Thumbnails in metadata contain end markers, so segments are skipped by their length.
    """
    position = 2
    while found := _MARKER.search(data, position):
        marker, start = found[1][0], found.end()
        position = start + int.from_bytes(data[start : start + 2], "big")
        yield marker, start, position
        if marker == _EOI:
            return


def has_end(data: bytes) -> bool:
    return any(marker == _EOI for marker, _start, _stop in segments(data))


def count_scans(data: bytes) -> int:
    """Count decoder passes over the first image."""
    return sum(marker == _SOS for marker, _start, _stop in segments(data))


def lossy_frame(data: bytes) -> Frame | None:
    """Return the frame of a JPEG that every decoder reads, or None."""
    for marker, start, _stop in segments(data):
        if marker in _LOSSY:
            height, width = (int.from_bytes(data[start + at : start + at + 2]) for at in (3, 5))
            components = int.from_bytes(data[start + 7 : start + 8])
            return Frame(width, height, marker in _SEQUENTIAL, components)
        if marker == _SOS:
            break
    return None


def ended(data: bytes) -> tuple[bytes, bytes]:
    """Return a JPEG that lacks its end marker with one, and once more with filler before it.

    Both decode to the same pixels where no pixel is missing. A trailer is cut off.
    """
    image = data[: _image_end(data)].rstrip(b"\xff")  # half of a marker, such as the end marker
    return image + _END, image + _FILLER + _END


def _image_end(data: bytes) -> int:
    """Return the offset of the first marker that cannot be of the same image."""
    frame = lossy_frame(data)
    has_all = False  # of a sequential image whose scan has every component
    scans = 0
    for marker, start, _stop in segments(data):
        if scans and (has_all or marker not in _BETWEEN_SCANS):
            return start - 2
        if marker == _SOS:
            scans += 1
            components = int.from_bytes(data[start + 2 : start + 3])
            has_all = bool(frame and frame.is_sequential and frame.components == components)
    return len(data)


def without_metadata(data: bytes) -> bytes:
    """Return the file without comments and application segments but Adobe's."""
    kept, position = [data[:2]], 2
    for marker, start, stop in segments(data):
        if marker == _SOS:
            break
        is_metadata = marker == _COMMENT or (0xE0 <= marker <= 0xEF and marker != _ADOBE)
        if not is_metadata:
            kept.append(b"\xff" + bytes((marker,)) + data[start:stop])
        position = stop
    return b"".join(kept) + data[position:]
