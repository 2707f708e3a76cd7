"""Structure of image files: kinds, pieces, frames, metadata."""

from collections.abc import Iterable, Iterator
from itertools import islice

from PIL import Image

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import jpeg_structure, tiff_structure

MAX_PIECES = 100_000
"""Chunks, segments, blocks or strips. A GIF of 20 MB has 82,000 of the longest."""

MAX_RUN_LENGTHS = 2 * 2**20  # bytes; Pillow undoes them in Python
_PNG = b"\x89PNG\r\n\x1a\n"
_HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_FOREIGN = (
    (0, b"\xff\x0a", "JPEG XL images"),
    (4, b"JXL \r\n\x87\n", "JPEG XL images"),
    (4, b"jP  \r\n\x87\n", "JPEG 2000 images"),
    (4, b"ftypcrx ", "Raw photos of this kind"),
    (0, b"FUJIFILMCCD-RAW", "Raw photos of this kind"),
    (0, b"IIU\0", "Raw photos of this kind"),
    (0, b"IIRO", "Raw photos of this kind"),
    (4, b"ftyp", "Films"),
    (0, b"8BPS", "Photoshop's own files"),
)
_ANIMATED = {"GIF": "GIF", "PNG": "animated PNG", "WEBP": "animated WebP", "AVIF": "animated AVIF"}


def heif_kind(data: bytes) -> str | None:
    """Return "HEIC", "AVIF" or None, by all brands, as "mif1" may be either."""
    if data[4:8] != b"ftyp":
        return None
    length = min(int.from_bytes(data[:4]), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, length, 4))}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    return "HEIC" if brands & _HEIF_BRANDS else None


def foreign_kind(data: bytes) -> str | None:
    """Return the plural name of a known but unsupported format, or None."""
    if heif_kind(data):
        return None
    found = (kind for at, magic, kind in _FOREIGN if data.startswith(magic, at))
    return next(found, None)


def is_svg(data: bytes) -> bool:
    """Recognise SVG even after a byte order mark, a prolog or comments."""
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    lower = head.lower()
    return head.startswith(b"<") and (
        any(lower.find(b"<svg" + end) >= 0 for end in (b" ", b">", b"\n", b"\r", b"\t"))
        or b"<!doctype svg" in lower
    )


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


def _chunks(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each chunk of a PNG begins and ends, as far as IEND."""
    start, kind = 8, b""
    while start + 8 <= len(data) and kind != b"IEND":
        kind = data[start + 4 : start + 8]
        end = start + 12 + int.from_bytes(data[start : start + 4])
        yield start, end
        start = end


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


_PIECES = {
    _PNG: _chunks,
    jpeg_structure.SIGNATURE: jpeg_structure.segments,
    b"GIF8": _blocks,
    **dict.fromkeys(tiff_structure.SIGNATURES, tiff_structure.pieces),
}


def check_frames(image: Image.Image, data: bytes) -> None:
    """Refuse animations and multi-page files; raises PhotoError (400).

    MPO and HEIC, the phones' files with further images, count as one photo. Of a TIFF with reduced
    copies the full page is chosen.
    """
    if image.format in ("MPO", "HEIF") or not getattr(image, "is_animated", False):
        return
    if image.format == "TIFF":
        _choose_page(image, data)
        return
    frames = int(getattr(image, "n_frames", 2))
    kind = _ANIMATED.get(image.format or "", "animation")
    raise PhotoError(
        f"This {kind} is animated: it has {frames} frames. Upload a still image as JPEG or PNG.",
        code="animated",
    )


def _choose_page(image: Image.Image, data: bytes) -> None:
    pages = tiff_structure.full_pages(data)
    if len(pages) != 1:
        raise PhotoError(
            "The TIFF has several pages. Export the page you want as JPEG or PNG and upload that.",
            code="pages",
        )
    image.seek(pages[0])


def has_metadata(data: bytes) -> bool:
    """Return whether the kind of file is one that `without_metadata` knows."""
    kinds = (jpeg_structure.SIGNATURE, *tiff_structure.SIGNATURES, _PNG)
    return data.startswith(kinds) or heif_kind(data) is not None


def without_metadata(data: bytes) -> bytes:
    """Return a file that `has_metadata` with nothing but what its pixels need."""
    if data.startswith(jpeg_structure.SIGNATURE):
        return jpeg_structure.without_metadata(data)
    if data.startswith(tiff_structure.SIGNATURES):
        return tiff_structure.Tiff(data).without_metadata()
    if data.startswith(_PNG):
        kept = (data[start:end] for start, end in _chunks(data) if _is_needed(data, start))
        return _PNG + b"".join(kept)
    return data.replace(b"Exif", b"skip", 1)  # the name of an item, which comes before all data


_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT")


def _is_needed(data: bytes, start: int) -> bool:
    return data[start + 4 : start + 8] in _NEEDED


def is_truncation(error: Exception) -> bool:
    words = str(error).lower()
    return isinstance(error, EOFError) or "truncated" in words or "not enough" in words
