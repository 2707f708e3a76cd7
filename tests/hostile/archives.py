"""ZIPs with paths outside, hidden sizes or damage."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator

from tests import sample_files, zips
from tests.hostile import Hostile, mutate


def zip_bomb(size: int) -> bytes:
    return zips.packed({"big.bmp": bytes(size)})


def zip_of_shared_members(count: int, size: int) -> bytes:
    """Return a ZIP whose members share the same bytes, so it unpacks to many times its size."""
    data = zips.packed({"a.jpg": bytes(size)})
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[start:end]
    entries = b"".join(entry.replace(b"a.jpg", b"%05d" % number) for number in range(count))
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(entries), start, 0)
    return data[:start] + entries + tail


def nested_zip(depth: int) -> bytes:
    data = zips.packed({"photo.jpg": sample_files.photo()})
    for _level in range(depth):
        data = zips.packed({"more.zip": data})
    return data


def zip_that_says(size: int) -> bytes:
    """Return a ZIP whose directory declares another size than the member unpacks to."""
    data = bytearray(zips.packed({"a.bmp": bytes(10**6)}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(mark) + at, size)
    return bytes(data)


def archives() -> Iterator[Hostile]:
    """Yield archives of which nothing may be kept."""
    good = zips.packed({"a.txt": b"Dear all,", "b.txt": b"see you on Monday."})
    bad: dict[str, Callable[[], bytes]] = {
        **{name: make for name, (make, _words) in zips.BAD_MEMBERS.items()},
        "300 MB in one": lambda: zip_bomb(300 * 2**20),
        "40,000 members that are one": lambda: zip_of_shared_members(40_000, 10**6),
        "a hundred deep": lambda: nested_zip(100),
        "smaller than it is": lambda: zip_that_says(10),
        "larger than it is": lambda: zip_that_says(2**31),
        "empty": lambda: zips.packed({}),
        "nothing": lambda: b"",
        "an image": sample_files.photo,
        "LZMA": lambda: zips.packed({"a.txt": b"x" * 5000}, zipfile.ZIP_LZMA),
    }
    for name, make in bad.items():
        yield Hostile(f"{name}.zip", make, never=True)
    for seed in range(60):
        yield Hostile(f"mutated {seed}.zip", lambda seed=seed: mutate(good, seed), never=True)
    for end in range(1, len(good), 12):
        yield Hostile(f"cut at {end}.zip", lambda end=end: good[:end], never=True)
