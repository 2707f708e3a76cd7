"""Structure of image files: segments, frames, trailers, markup."""

import re
import struct
from collections.abc import Iterable, Iterator
from itertools import islice

from PIL import Image

from soundscapes.engine.errors import PhotoError

_SVG = re.compile(rb"<svg[\s>]|<!DOCTYPE\s+svg", re.IGNORECASE)
_MARKUP = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg|img|object|embed|form|meta|style"
    rb"|link)[\s>/]|<\?php|javascript:",
    re.IGNORECASE,
)
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")
_EOI, _SOS = 0xD9, 0xDA
MAX_PIECES = 100_000
"""Chunks, segments, blocks or strips. A GIF of 20 MB has 82,000 of the longest."""

MAX_SCANS = 100
"""Scans of a JPEG. Each is a pass over the whole image; programs write about a dozen."""

MAX_RUN_LENGTHS = 2 * 2**20  # bytes; Pillow decodes them in Python
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "HEIC"),
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
}
_ANIMATED = {"GIF": "GIF", "PNG": "animated PNG", "WEBP": "animated WebP"}


def foreign_kind(data: bytes) -> str | None:
    """Return the name of a known but unsupported format, or None."""
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12])
    return None


def is_svg(data: bytes) -> bool:
    """Recognise SVG even after a byte order mark, a prolog or comments."""
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    return head.startswith(b"<") and _SVG.search(head) is not None


def check_pieces(data: bytes) -> None:
    """Reject so many segments that finding the image takes seconds. Raise PhotoError (400)."""
    for magic, pieces in _PIECES.items():
        if data.startswith(magic) and _has_more_than(MAX_PIECES, pieces(data)):
            raise PhotoError(
                f"The file has more than {MAX_PIECES:,} segments. Save it again in an image "
                "editor and upload the copy.",
                code="pieces",
            )
    if data.startswith(b"BM") and data[30:31] in (b"\1", b"\2") and len(data) > MAX_RUN_LENGTHS:
        raise PhotoError(
            "This BMP is run-length encoded, which takes too long to read. Upload a PNG instead.",
            code="run_lengths",
        )


def _has_more_than(most: int, pieces: Iterable[object]) -> bool:
    return any(True for _piece in islice(pieces, most, None))


def _chunks(data: bytes) -> Iterator[int]:
    end = 8
    while end + 8 <= len(data):
        end += 12 + int.from_bytes(data[end : end + 4], "big")
        yield end


def _markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield each JPEG marker of the first image and the offset after it.

    Walk the segments of ITU-T T.81, Annex B, because thumbnails in metadata contain end markers.
    """
    position = 2
    while found := _MARKER.search(data, position):
        marker, position = found[1][0], found.end()
        yield marker, position
        if marker == _EOI:
            return
        position += int.from_bytes(data[position : position + 2], "big")


def _blocks(data: bytes) -> Iterator[int]:
    """Yield the end of each GIF block, including nested ones."""
    end = 13 + _colour_table(data[10:11])
    while (kind := data[end : end + 1]) in (b"!", b","):
        end += 2 if kind == b"!" else 11 + _colour_table(data[end + 9 : end + 10])
        while size := int.from_bytes(data[end : end + 1], "big"):
            end += 1 + size
            yield end
        end += 1
        yield end


def _colour_table(flags: bytes) -> int:
    bits = int.from_bytes(flags, "big")
    return 3 << (bits & 7) + 1 if bits & 0x80 else 0


def _strips(data: bytes) -> range:
    """Return a range over the strips or tiles that a TIFF's first page declares.

    Reading a directory entry takes as long as fifty strips.
    """
    order = "<" if data.startswith(b"II") else ">"
    is_big = data[2:4] in (b"+\0", b"\0+")
    first, number, entry = ("Q", "Q", "HHQQ") if is_big else ("I", "H", "HHII")
    try:
        (at,) = struct.unpack_from(order + first, data, 8 if is_big else 4)
        (count,) = struct.unpack_from(order + number, data, at)
    except struct.error:  # Pillow reports this error
        return range(0)
    start, size = at + struct.calcsize(order + number), struct.calcsize(order + entry)
    there = min(count, MAX_PIECES, max(0, len(data) - start) // size)
    entries = struct.iter_unpack(order + entry, data[start : start + there * size])
    strips = max((found[2] for found in entries if found[0] in _STRIP_OFFSETS), default=0)
    return range(max(strips, 50 * there))


_STRIP_OFFSETS = (273, 324)
_PIECES = {
    b"\x89PNG": _chunks,
    b"\xff\xd8\xff": _markers,
    b"GIF8": _blocks,
    b"II": _strips,
    b"MM": _strips,
}


def check_frames(image: Image.Image) -> None:
    """Reject animations and multi-page files. Raise PhotoError (400).

    MPO, a phone's JPEG with a second image, counts as one photo.
    """
    if image.format == "MPO":
        return
    if not getattr(image, "is_animated", False):
        return
    if image.format == "TIFF":
        raise PhotoError(
            "The TIFF has several pages. Export the page you want as JPEG or PNG and upload that.",
            code="pages",
        )
    frames = int(getattr(image, "n_frames", 2))
    kind = _ANIMATED.get(image.format or "", "animation")
    raise PhotoError(
        f"This {kind} is animated: it has {frames} frames. Upload a still image as JPEG or PNG.",
        code="animated",
    )


def check_jpeg_end(data: bytes) -> None:
    """Reject truncated JPEGs and trailing markup or scripts. Raise PhotoError (400).

    Harmless trailers written by phones (an image, a video, zeros) pass, as only the first image's
    pixels are kept.
    """
    end = jpeg_end(data)
    if end is None:
        raise PhotoError(
            "The file ends in the middle of the image. Upload it again, or upload another copy.",
            code="truncated",
        )
    if _MARKUP.search(data, end):
        raise PhotoError(
            "The file contains a web page or a script after the image. Save it again in an "
            "image editor and upload the copy.",
            code="markup",
        )


def jpeg_end(data: bytes) -> int | None:
    """Return the offset after the first image's end marker, or None."""
    return next((position for marker, position in _markers(data) if marker == _EOI), None)


def jpeg_scans(data: bytes) -> int:
    """Count the scans of the first image. Raise PhotoError (400) for too many."""
    scans = sum(marker == _SOS for marker, _position in _markers(data))
    if scans > MAX_SCANS:
        raise PhotoError(
            f"This JPEG has {scans:,} scans; the limit is {MAX_SCANS}. Save it again in an image "
            "editor and upload the copy.",
            code="scans",
        )
    return scans


def is_truncation(error: Exception) -> bool:
    words = str(error).lower()
    return isinstance(error, EOFError) or "truncated" in words or "not enough" in words
