"""Good and hostile ZIPs."""

from __future__ import annotations

import io
import stat
import zipfile

from tests import sample_files


def packed(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def with_link(name: str = "link.jpg") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def encrypted() -> bytes:
    """Return a ZIP marked as encrypted in both headers."""
    data = bytearray(packed({"secret.jpg": sample_files.photo()}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    return bytes(data)


def damaged() -> bytes:
    """Return a ZIP with a member that does not match its checksum."""
    data = bytearray(packed({"a.jpg": sample_files.photo()}, zipfile.ZIP_STORED))
    data[200] ^= 0xFF
    return bytes(data)


BAD_MEMBERS = {
    "out of it": (
        lambda: packed({"../../etc/cron.d/x.jpg": sample_files.photo()}),
        "outside the ZIP",
    ),
    "absolute": (lambda: packed({"/etc/x.jpg": sample_files.photo()}), "outside the ZIP"),
    "backslashes": (lambda: packed({"..\\x.jpg": sample_files.photo()}), "outside the ZIP"),
    "drive": (lambda: packed({"C:\\x.jpg": sample_files.photo()}), "outside the ZIP"),
    "link": (with_link, "a link"),
    "encrypted": (encrypted, "encrypted"),
    "nested": (
        lambda: packed({"more.zip": packed({"a.jpg": sample_files.photo()})}),
        "inside a ZIP",
    ),
    "nested, renamed": (
        lambda: packed({"more.jpg": packed({"a.jpg": sample_files.photo()})}),
        "inside a ZIP",
    ),
    "bomb": (lambda: packed({"a.bmp": bytes(30 * 2**20)}), "a hundred times"),
    "damaged": (damaged, "damaged"),
    "text": (lambda: packed({"a.jpg": b"Dear all, see you on Monday.\n" * 9}), "not an image"),
}
