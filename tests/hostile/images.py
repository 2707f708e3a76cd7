"""Invalid, oversized and ambiguous images."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pngsuite
from PIL import Image

from soundscapes.engine.photos.decode_limits import MAX_PIXELS
from soundscapes.engine.photos.reading import MAX_BYTES
from tests import sample_files, zips
from tests.engine.photo_files import heic
from tests.hostile import Hostile, mutated, phones, truncated

MUTATIONS = 55  # of each base
PNG_SUITE_MUTATIONS = 12  # of each of its files
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@cache
def image_bases() -> dict[str, bytes]:
    """Return a good image in every accepted format and several variants."""
    noise = np.random.default_rng(0).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    photo = Image.fromarray(noise).resize((192, 144), Image.Resampling.BICUBIC)
    deep = Image.fromarray(np.asarray(photo.convert("L"), dtype=np.uint16) * 257)
    clear = photo.convert("RGBA")
    clear.putalpha(photo.convert("L"))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Secretive Cameras"
    exif.get_ifd(0x8825)[1] = "N"
    return {
        "baseline.jpg": sample_files.encoded(photo, "JPEG", quality=95, exif=exif),
        "progressive.jpg": sample_files.encoded(photo, "JPEG", quality=95, progressive=True),
        "cmyk.jpg": sample_files.encoded(photo.convert("CMYK"), "JPEG"),
        "phone.jpg": sample_files.encoded(photo, "MPO", save_all=True, append_images=[photo]),
        "rgb.png": sample_files.encoded(photo, "PNG", exif=exif),
        "palette.png": sample_files.encoded(photo.convert("P"), "PNG", transparency=3),
        "deep.png": sample_files.encoded(deep, "PNG"),
        "clear.png": sample_files.encoded(clear, "PNG"),
        "lossy.webp": sample_files.encoded(photo, "WEBP", exif=exif),
        "lossless.webp": sample_files.encoded(clear, "WEBP", lossless=True),
        "still.gif": sample_files.encoded(photo, "GIF", interlace=1),
        "moving.gif": sample_files.encoded(
            photo, "GIF", save_all=True, append_images=[photo.rotate(9)]
        ),
        "plain.bmp": sample_files.encoded(photo, "BMP"),
        "raw.tif": sample_files.encoded(photo, "TIFF", exif=exif),
        "lzw.tif": sample_files.encoded(photo, "TIFF", compression="tiff_lzw"),
        "deflate.tif": sample_files.encoded(clear, "TIFF", compression="tiff_adobe_deflate"),
        "still.avif": sample_files.encoded(photo, "AVIF", exif=exif.tobytes()),
        "iphone.heic": heic(photo, exif=exif.tobytes()),
        "jpeg.tif": sample_files.encoded(photo, "TIFF", compression="jpeg"),
    }


def images() -> Iterator[Hostile]:
    yield from mutated(image_bases(), MUTATIONS)
    for name, data in image_bases().items():
        yield from truncated(name, data)
    yield from _png_suite()
    yield from _spoilt_as_in_png_suite()
    for kind, made in (("bombs", IMAGE_BOMBS), ("heavy", HEAVY), ("two things", POLYGLOTS)):
        for name, make in made.items():
            yield Hostile(name, make, always=kind == "heavy", kind=kind)
    yield from phones.photos()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, *chunks: bytes, depth: int = 8, kind: int = 0, lace: int = 0
) -> bytes:
    """Return a PNG of one colour; `kind` 0 is grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    row = 1 + (width * samples * depth + 7) // 8
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    body = zeros_packed(row * height)
    return b"".join(
        (PNG_SIGNATURE, chunk(b"IHDR", header), *chunks, chunk(b"IDAT", body), chunk(b"IEND", b""))
    )


def zeros_packed(size: int) -> bytes:
    """Compress zeros: one flushed block is repeated, so hundreds of megabytes take no time."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    blocks, rest = divmod(size, 2**20)
    last = packer.compress(bytes(rest)) + packer.flush()
    checksum = struct.pack(">HH", size % 65521, 1)  # Adler-32 of zeros
    return b"\x78\xda" + block * blocks + last + checksum


def _png_suite() -> Iterator[Hostile]:
    """Yield its good files, of every depth and colour type: whole, mutated and cut."""
    suite = {f"{name}.png": data for name, data in pngsuite.png.items()}
    for name, data in suite.items():
        yield Hostile(name, lambda data=data: data, kind="PngSuite")
        yield from truncated(name, data)
    yield from mutated(suite, PNG_SUITE_MUTATIONS)


def _spoilt_as_in_png_suite() -> Iterator[Hostile]:
    """Yield corruptions like PngSuite's files with names in x, which no package contains."""
    good = png(32, 32, kind=2)
    header = good[16:29]

    def with_header(at: int, value: int) -> bytes:
        changed = bytearray(header)
        changed[at] = value
        return good[:8] + chunk(b"IHDR", bytes(changed)) + good[33:]

    idat = good.index(b"IDAT")
    spoilt = {
        "xs1n0g01": b"\x09" + good[1:],
        "xs2n0g01": good[:1] + b"pNG" + good[4:],
        "xs4n0g01": good[:3] + b"g" + good[4:],
        "xs7n0g01": good[:6] + b"\x9a" + good[7:],
        "xcrn0g04": good.replace(b"\r\n\x1a\n", b"\r\r\x1a\r"),
        "xlfn0g04": good.replace(b"\r\n\x1a\n", b"\n\n\x1a\n"),
        "xhdn0g08": good[:29] + b"\0\0\0\0" + good[33:],
        "xc1n0g08": with_header(9, 1),
        "xc9n2c08": with_header(9, 9),
        "xd0n2c08": with_header(8, 0),
        "xd3n2c08": with_header(8, 3),
        "xd9n2c08": with_header(8, 99),
        "xdtn0g01": good[: idat - 4] + chunk(b"IEND", b""),
        "xcsn0g01": good[:-16] + b"\0\0\0\0" + good[-12:],
    }
    for name, data in spoilt.items():
        yield Hostile(
            f"{name}.png", lambda data=data: data, never=name != "xcsn0g01", kind="PngSuite"
        )


def bmp(width: int, height: int, run: int = 255) -> bytes:
    """Return a run-length encoded BMP: two bytes for each `run` of pixels."""
    runs, rest = divmod(width, run)
    line = bytes((run, 7)) * runs + (bytes((rest, 7)) if rest else b"") + b"\0\0"
    body = line * height + b"\0\1"
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(body), 0, 0, 256, 0)
    start = 14 + len(head) + 1024
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + head + bytes(1024) + body


def of_one_colour(
    width: int, height: int, image_format: str, mode: str = "RGB", **options: object
) -> bytes:
    return sample_files.encoded(Image.new(mode, (width, height)), image_format, **options)


def jpeg_of_many_scans(side: int, count: int) -> bytes:
    """Return a progressive JPEG that repeats one scan: each needs a pass over all blocks."""
    data = of_one_colour(side, side, "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * count + data[-2:]


def gif_of_many_frames(count: int, pixels: bytes = b"\x02\x4c\x01") -> bytes:
    frame = b"\x2c\0\0\0\0\x20\0\x20\0\0" + b"\x02" + pixels + b"\0"
    head = b"GIF89a\x20\0\x20\0\x80\0\0" + b"\0\0\0\xff\xff\xff"
    return head + frame * count + b";"


def tiff_of_many_pages(count: int) -> bytes:
    """Return a TIFF whose directories contain only the offset of the next."""
    head = b"II*\0" + struct.pack("<I", 8)
    first = of_one_colour(32, 32, "TIFF")
    at = len(first) + len(first) % 2
    pages = np.zeros(count, dtype=[("entries", "<u2"), ("next", "<u4")])
    pages["next"][:-1] = at + 6 * np.arange(1, count)
    data = bytearray(first + b"\0" * (len(first) % 2) + pages.tobytes())
    offset = struct.unpack_from("<I", data, 4)[0]
    entries = struct.unpack_from("<H", data, offset)[0]
    struct.pack_into("<I", data, offset + 2 + 12 * entries, at)
    assert data.startswith(head[:4])
    return bytes(data)


def apng_that_says(frames: int) -> bytes:
    return png(32, 32, chunk(b"acTL", struct.pack(">II", frames, 0)), kind=2)


def text_bomb(kind: bytes, size: int) -> bytes:
    return chunk(
        kind, b"key\0" + (b"\0" if kind == b"zTXt" else b"\1\0\0\0") + zlib.compress(bytes(size), 9)
    )


def icc_bomb(size: int) -> bytes:
    return chunk(b"iCCP", b"key\0\0" + zlib.compress(bytes(size), 9))


def jpeg_with(*segments: bytes) -> bytes:
    data = of_one_colour(64, 64, "JPEG")
    return data[:2] + b"".join(segments) + data[2:]


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def directory(entries: list[tuple[int, int, int, int]]) -> bytes:
    """Return a TIFF with only a directory: tag, type, count, and value or offset of each entry."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", 0)


def exif(tiff: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + tiff)


def shared_values(count: int, size: int) -> bytes:
    """Return a directory whose entries share one value, which is read again for each."""
    entries = [(0x200 + number, 7, size, 0) for number in range(count)]
    return directory(entries) + bytes(max(0, size - 12 * count))


def tiff_of_shared_values(count: int, size: int) -> bytes:
    data = bytearray(of_one_colour(32, 32, "TIFF"))
    at = len(data) + len(data) % 2
    offset = struct.unpack_from("<I", data, 4)[0]
    good = data[offset + 2 : offset + 2 + 12 * struct.unpack_from("<H", data, offset)[0]]
    more = [struct.pack("<HHII", 0x200 + number, 7, size, 0) for number in range(count)]
    struct.pack_into("<I", data, 4, at)
    entries = bytes(good) + b"".join(more)
    data += b"\0" * (at - len(data)) + struct.pack("<H", len(entries) // 12) + entries
    return bytes(data + b"\0" * max(4, size - len(data)))


def tiff_of_strips(count: int) -> bytes:
    """Return a grey image of 32 pixels a row, with a strip per row; all strips are the same."""
    at = 8 + 2 + 12 * 9 + 4
    offsets, counts = at + 32, at + 32 + 4 * count
    entries = [
        (256, 3, 1, 32),
        (257, 4, 1, count),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, count, offsets),
        (277, 3, 1, 1),
        (278, 3, 1, 1),
        (279, 4, count, counts),
    ]
    return (
        directory(entries)
        + bytes(32)
        + struct.pack("<I", at) * count
        + struct.pack("<I", 32) * count
    )


def gif_with_comment(size: int, piece: int) -> bytes:
    plain = of_one_colour(32, 32, "GIF", "P")
    start = plain.index(b"\x2c\0\0\0\0")
    return (
        plain[:start]
        + b"\x21\xfe"
        + (bytes((piece,)) + b"x" * piece) * (size // piece)
        + b"\0"
        + plain[start:]
    )


SIDE = int(MAX_PIXELS**0.5)

IMAGE_BOMBS: dict[str, Callable[[], bytes]] = {
    "169 megapixels.png": sample_files.png_of_169_megapixels,
    "a thousand megapixels.png": lambda: (
        PNG_SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 6, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
    ),
    "65535 by 65535.jpg": lambda: _jpeg_that_says(65535, 65535),
    "400 scans.jpg": lambda: jpeg_of_many_scans(2000, 400),
    "100,000 frames.gif": lambda: gif_of_many_frames(100_000),
    "800,000 frames.gif": lambda: gif_of_many_frames(800_000),
    "1.5 million empty frames.gif": lambda: gif_of_many_frames(1_500_000, b""),
    "100,000 pages.tif": lambda: tiff_of_many_pages(100_000),
    "3 million pages.tif": lambda: tiff_of_many_pages(3_000_000),
    "four billion frames.png": lambda: apng_that_says(2**32 - 1),
    "text of 100 MB.png": lambda: png(32, 32, text_bomb(b"zTXt", 10**8), kind=2),
    "200 texts of 1 MB.png": lambda: png(32, 32, *[text_bomb(b"zTXt", 2**20 - 9)] * 200, kind=2),
    "5 million segments.jpg": lambda: jpeg_with(segment(0xFE, b"") * 4_500_000),
    "8 million stuffed bytes.jpg": lambda: jpeg_with()[:-2] + b"\xff\0" * 8_000_000 + b"\xff\xd9",
    "entries of the same 64 kB.jpg": lambda: jpeg_with(exif(shared_values(5000, 60_000))),
    "entries of the same MB.png": lambda: png(
        32, 32, chunk(b"eXIf", shared_values(60_000, 10**6)), kind=2
    ),
    "entries of the same MB.tif": lambda: tiff_of_shared_values(60_000, 10**6),
    "a directory that is its own.jpg": lambda: jpeg_with(
        exif(directory([(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0x014A, 4, 1, 8)]))
    ),
    "entries that claim gigabytes.jpg": lambda: jpeg_with(
        exif(directory([(0x9000 + n, 12, 2**28, 8) for n in range(5000)]))
    ),
    "a profile of 15 MB.jpg": lambda: jpeg_with(
        *(segment(0xE2, b"ICC_PROFILE\0" + bytes((n + 1, 255)) + bytes(60_000)) for n in range(255))
    ),
    "a profile of 100 MB.png": lambda: png(32, 32, icc_bomb(10**8), kind=2),
    "a million chunks.png": lambda: png(32, 32, chunk(b"prVt", b"") * 1_000_000, kind=2),
    "a million texts.png": lambda: png(32, 32, chunk(b"tEXt", b"a\0") * 1_000_000, kind=2),
    "a comment of 19 MB.gif": lambda: gif_with_comment(19 * 2**20, 255),
    "a comment of 60 MB.gif": lambda: gif_with_comment(60 * 2**20, 255),
    "a comment of 9 MB in single bytes.gif": lambda: gif_with_comment(9 * 2**20, 1),
    "a million strips.tif": lambda: tiff_of_strips(1_000_000),
    "a BigTIFF of 16 bytes.tif": lambda: b"II+\0\x08\0\0\0" + b"\xff" * 7 + b"\x80",
    "30 scans of 65 megapixels.jpg": lambda: jpeg_of_many_scans(SIDE, 20),
    "runs of one pixel.bmp": lambda: bmp(3000, 3000, run=1),
    "frames of 16383 by 16383.webp": lambda: _webp_that_says(16383, 16383),
}

HEAVY: dict[str, Callable[[], bytes]] = {
    "grey.png": lambda: png(SIDE, SIDE),
    "deep grey.png": lambda: png(SIDE, SIDE, depth=16),
    "RGB.png": lambda: png(SIDE, SIDE, kind=2),
    "RGBA.png": lambda: png(SIDE, SIDE, kind=6),
    "deep RGBA.png": lambda: png(SIDE, SIDE, kind=6, depth=16),
    "run lengths.bmp": lambda: bmp(SIDE, SIDE),
    "one colour.gif": lambda: of_one_colour(SIDE, SIDE, "GIF", "P"),
    "one colour.jpg": lambda: of_one_colour(SIDE, SIDE, "JPEG"),
    "progressive.jpg": lambda: of_one_colour(SIDE, SIDE, "JPEG", progressive=True, subsampling=0),
    "one colour.webp": lambda: of_one_colour(SIDE, SIDE, "WEBP", lossless=True, method=0),
    "lossy.webp": lambda: of_one_colour(SIDE, SIDE, "WEBP", method=0),
    "deflate.tif": lambda: of_one_colour(SIDE, SIDE, "TIFF", compression="tiff_adobe_deflate"),
    "floats.tif": lambda: of_one_colour(SIDE, SIDE, "TIFF", "F", compression="tiff_adobe_deflate"),
    "integers.tif": lambda: of_one_colour(SIDE, SIDE, "TIFF", "I", compression="tiff_lzw"),
    "fax.tif": lambda: of_one_colour(SIDE, SIDE, "TIFF", "1", compression="group4"),
}


def _jpeg_that_says(width: int, height: int) -> bytes:
    data = bytearray(of_one_colour(64, 64, "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def _webp_that_says(width: int, height: int) -> bytes:
    data = bytearray(of_one_colour(64, 64, "WEBP", lossless=True))
    at = data.index(b"VP8L") + 9
    data[at : at + 4] = struct.pack("<I", (width - 1) | (height - 1) << 14)
    return bytes(data)


def _with_png_text(text: bytes) -> bytes:
    return png(32, 32, chunk(b"tEXt", b"Comment\0" + text), kind=2)


SCRIPT = b"<html><script>alert(1)</script></html>"
POLYGLOTS: dict[str, Callable[[], bytes]] = {
    "JPEG, then HTML.jpg": lambda: jpeg_with() + SCRIPT,
    "JPEG, then PHP.jpg": lambda: jpeg_with() + b"<?php system($_GET[0]);",
    "JPEG, then a ZIP.jpg": lambda: jpeg_with() + zips.packed({"a.html": SCRIPT}),
    "JPEG with PHP in its comment.jpg": lambda: jpeg_with(segment(0xFE, b"<?php system(0);")),
    "JPEG with HTML as EXIF.jpg": lambda: jpeg_with(segment(0xE1, b"Exif\0\0" + SCRIPT)),
    "PNG with HTML in its text.png": lambda: _with_png_text(SCRIPT),
    "PNG, then a ZIP.png": lambda: png(32, 32, kind=2) + zips.packed({"a.html": SCRIPT}),
    "PNG called HTML.html": lambda: png(32, 32, kind=2),
    "GIF and JavaScript.gif": lambda: (
        b"GIF89a/*" + of_one_colour(32, 32, "GIF", "P")[8:] + b"*/=1;alert(1)"
    ),
    "BMP and JavaScript.bmp": lambda: b"BM/*" + of_one_colour(32, 32, "BMP")[4:] + b"*/=1;alert(1)",
    "HTML, then JPEG.jpg": lambda: SCRIPT + jpeg_with(),
    "PDF, then JPEG.jpg": lambda: b"%PDF-1.4\n" + jpeg_with(),
    "ZIP called JPEG.jpg": lambda: zips.packed({"a.jpg": sample_files.photo()}),
    "SVG called PNG.png": lambda: sample_files.BAD_PHOTOS["SVG"].make(),
    "SVG in UTF-16.svg": lambda: sample_files.BAD_PHOTOS["SVG"].make().decode().encode("utf-16"),
    "WAV called JPEG.jpg": lambda: sample_files.sound(sample_files.noise(0.3)),
    "PostScript.eps": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n",
    "ICO.ico": lambda: of_one_colour(32, 32, "ICO"),
    "JPEG 2000.jp2": lambda: of_one_colour(32, 32, "JPEG2000"),
    "PPM.ppm": lambda: of_one_colour(32, 32, "PPM"),
    "TGA.tga": lambda: of_one_colour(32, 32, "TGA"),
    "PCX.pcx": lambda: of_one_colour(32, 32, "PCX"),
    "nothing but zeros.jpg": lambda: bytes(MAX_BYTES),
    "a byte too many.jpg": lambda: jpeg_with() + bytes(MAX_BYTES),
    **{
        f"{name} as {to}": lambda name=name: image_bases()[name]
        for name, to in (
            ("rgb.png", "photo.jpg"),
            ("baseline.jpg", "photo.php"),
            ("still.gif", "../../photo.gif"),
            ("plain.bmp", "photo\0.bmp"),
            ("lossy.webp", "x" * 300 + ".webp"),
        )
    },
}
