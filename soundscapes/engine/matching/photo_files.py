"""What a file of a picture holds beside the picture: frames, trailers, markup."""

from __future__ import annotations

import re

from PIL import Image

from soundscapes.engine.errors import PhotoError

_SVG = re.compile(rb"<svg[\s>]|<!DOCTYPE\s+svg", re.IGNORECASE)
_MARKUP = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg|img|object|embed|form|meta|style"
    rb"|link)[\s>/]|<\?php|javascript:",
    re.IGNORECASE,
)
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_EOI, _SOS = 0xD9, 0xDA
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "HEIC"),
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
}
_ANIMATED = {"GIF": "GIF", "PNG": "animated PNG", "WEBP": "animated WebP"}


def foreign_kind(data: bytes) -> str | None:
    """The name of a kind of picture that is known but not accepted, or None."""
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12])
    return None


def is_svg(data: bytes) -> bool:
    """Whether the file begins as SVG does (after a byte order mark, a prolog and comments)."""
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    return head.startswith(b"<") and _SVG.search(head) is not None


def check_frames(image: Image.Image) -> None:
    """Refuse animations and files of several pages; raises PhotoError (400).

    MPO, the phones' JPEG with a second picture behind the first, counts as one photo.
    """
    if image.format == "MPO":
        return
    if not getattr(image, "is_animated", False):
        return
    if image.format == "TIFF":
        raise PhotoError(
            "The TIFF has several pages. Send the one page that you mean, as JPEG or PNG.",
            code="pages",
        )
    frames = int(getattr(image, "n_frames", 2))
    kind = _ANIMATED.get(image.format or "", "animation")
    raise PhotoError(
        f"This {kind} moves: it has {frames} frames. Send one still picture of it, as JPEG or PNG.",
        code="animated",
    )


def check_jpeg_end(data: bytes) -> None:
    """Refuse a JPEG that is cut off, or that carries markup or a script behind its end.

    Phones write harmless trailers there (a second picture, a short film, zeros); they pass, for
    only the first picture's pixels are kept. Raises PhotoError (400).
    """
    end = jpeg_end(data)
    if end is None:
        raise PhotoError(
            "The file ends in the middle of the picture. Send it again, or another copy.",
            code="truncated",
        )
    if _MARKUP.search(data, end):
        raise PhotoError(
            "Behind the picture the file carries a web page or a script. Save the photo anew in "
            "a photo program and send the copy.",
            code="markup",
        )


def jpeg_end(data: bytes) -> int | None:
    """The offset just behind the end-of-image marker of the first picture, or None without one.

    Walks the markers of ITU-T T.81, Annex B: a thumbnail inside a metadata segment has an end
    marker of its own, so that looking for the two bytes would not do.
    """
    position = 2
    while (position := data.find(b"\xff", position)) != -1 and position + 1 < len(data):
        marker = data[position + 1]
        if marker == _EOI:
            return position + 2
        if marker in (0x00, 0xFF) or marker in _STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        if position + 4 > len(data):
            return None
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


def is_truncation(error: Exception) -> bool:
    """Whether a decoder failed because the file ends too early."""
    words = str(error).lower()
    return isinstance(error, EOFError) or "truncated" in words or "not enough" in words
