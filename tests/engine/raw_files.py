"""Raw photos, as cameras write them."""

from __future__ import annotations

import struct


def dng(preview=b"", *, orientation=1, sensor=(64, 48)):
    """A DNG as cameras write it: a small image, below it a JPEG and what the sensor saw."""
    thumb = bytes(3 * 16 * 12)
    raw = bytes(sensor[0] * sensor[1] * 2)
    small = 8
    full = small + len(thumb)
    jpeg = full + len(raw)
    at = jpeg + len(preview)

    def directory(entries, start):
        body = struct.pack("<H", len(entries))
        for tag, kind, count, value in entries:
            body += struct.pack("<HHII", tag, kind, count, value)
        return body + bytes(4)

    def page(kind, size, bits, compression, photometric, place, length, samples):
        return [
            (254, 4, 1, kind),
            (256, 4, 1, size[0]),
            (257, 4, 1, size[1]),
            (258, 3, 1, bits),
            (259, 3, 1, compression),
            (262, 3, 1, photometric),
            (273, 4, 1, place),
            (277, 3, 1, samples),
            (278, 4, 1, size[1]),
            (279, 4, 1, length),
        ]

    first = page(1, (16, 12), 8, 1, 2, small, len(thumb), 3)
    first += [(274, 3, 1, orientation), (330, 4, 2, 0), (50706, 1, 4, 0x00000401)]
    first.sort()
    sub = page(0, sensor, 16, 1, 32803, full, len(raw), 1)
    other = page(1, (1600, 1200), 8, 7, 6, jpeg, len(preview), 3)
    size = 2 + 12 * len(first) + 4
    pointers = at + size
    places = (pointers + 8, pointers + 8 + 2 + 12 * len(sub) + 4)
    first = [(t, k, c, pointers if t == 330 else v) for t, k, c, v in first]
    data = b"II*\0" + struct.pack("<I", at) + thumb + raw + preview + directory(first, at)
    return data + struct.pack("<II", *places) + directory(sub, 0) + directory(other, 0)
