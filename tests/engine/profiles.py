"""Colour profiles of wide gamuts, as phones and cameras write them."""

from __future__ import annotations

import struct


def matrix_profile(primaries, gamma=2.2):
    """A display's profile of ICC.1:2001 with one gamma; `primaries` are rows of XYZ (D50)."""

    def fixed(value):
        return struct.pack(">i", round(value * 65536))

    white = (0.9642, 1.0, 0.8249)
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {
        b"wtpt": b"XYZ " + bytes(4) + b"".join(map(fixed, white)),
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"wide\0" + bytes(80),
        b"cprt": b"text" + bytes(4) + b"none\0" + bytes(3),
    }
    for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True):
        tags[name] = b"XYZ " + bytes(4) + b"".join(map(fixed, xyz))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + b"".join(map(fixed, white))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


P3 = matrix_profile(
    [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)]
)
ADOBE = matrix_profile(
    [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)]
)
